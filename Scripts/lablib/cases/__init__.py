"""Recordings with one diagnosis each, or a trap that must give none, and what to expect."""

from . import (  # noqa: F401
    benign,
    filters,
    handshake,
    late,
    middlebox,
    path_mtu,
    refusals,
    resets,
    scans,
    services,
    slow,
    teardown,
    transfer,
    translation,
    traps,
    witnesses,
)
from .judging import judge
from .recorder import record_all, write_labels
from .registry import CASES

__all__ = ["CASES", "judge", "record_all", "write_labels"]
