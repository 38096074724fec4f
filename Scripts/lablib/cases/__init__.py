"""Recordings with one diagnosis each, or a trap that must give none, and what to expect."""

from . import benign, handshake, middlebox, resets, teardown, transfer, traps  # noqa: F401
from .recorder import record_all
from .registry import CASES

__all__ = ["CASES", "record_all"]
