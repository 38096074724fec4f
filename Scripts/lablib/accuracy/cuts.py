"""Captures that begin later than they did: each recording cut at moments drawn by lot."""

import random

from ..truth import captured
from ..truth.lives import MILLISECOND

EARLIEST, LATEST = 1100 * MILLISECOND, 200 * MILLISECOND
FILE_HEADER = 24


def moments(history, count, seed):
    """`count` times at which all taps captured, the same for each tap and each run."""
    chance = random.Random(f"{history.meta['name']} {history.meta['seed']} {seed}")
    first = max(history.meta["recording_start"] + EARLIEST, history.meta["capture_start"])
    last = max(first, history.meta["end"] - LATEST)
    return sorted(chance.randint(first, last) for _ in range(count))


def cut(capture, moment, path):
    """Writes what a capture holds from `moment` on; whether that is anything."""
    with open(capture, "rb") as opened:
        header = opened.read(FILE_HEADER)
    kept = [record for time, record, _ in captured.read(capture) if time >= moment]
    with open(path, "wb") as out:
        out.write(header + b"".join(kept))
    return bool(kept)
