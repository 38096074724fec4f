"""Classic pcap files with nanoseconds: read, edited as a tap would make them, written."""

import dataclasses
import struct

from ..forwarder import ETHERNET, NANOSECOND_MAGIC
from ..packets import parse

SECOND = 10**9


@dataclasses.dataclass
class Record:
    """A frame of a capture. `source` is its place in the recording it comes from."""

    time: int
    length: int
    frame: bytes
    source: int


@dataclasses.dataclass
class Edit:
    """How a tap differs from the recording: its clock, what it covers, how it is stored.

    `offset` and `step` are in seconds, `drift` in parts of one; `step` is added to the clock
    from `step_at` of the recording's length on. `start` and `end` are shares of that length.
    """

    offset: float = 0.0
    drift: float = 0.0
    step: float = 0.0
    step_at: float = 1.0
    start: float = 0.0
    end: float = 1.0
    snapshot_length: int | None = None
    files: int = 1
    is_micro: bool = False


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if struct.unpack_from("<I", data)[0] != NANOSECOND_MAGIC:
        raise ValueError(f"{path}: no pcap with nanoseconds")
    records, at = [], 24
    while at + 16 <= len(data):
        seconds, rest, kept, length = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16 : at + 16 + kept]
        records.append(Record(seconds * SECOND + rest, length, frame, len(records)))
        at += 16 + kept
    return records


def edited(records, edit, span):
    """The records as the tap has them. `span` are the recording's first and last time."""
    first, last = span
    length = last - first
    from_time, to_time = first + edit.start * length, first + edit.end * length
    kept = []
    for record in records:
        if not from_time <= record.time <= to_time:
            continue
        passed = record.time - first
        moved = record.time + round(edit.offset * SECOND) + round(passed * edit.drift)
        if passed >= edit.step_at * length:
            moved += round(edit.step * SECOND)
        if edit.is_micro:
            moved -= moved % 1000
        frame = record.frame[: edit.snapshot_length]
        kept.append(Record(moved, record.length, frame, record.source))
    return kept


def write(records, path, files=1):
    """Writes one file, or some that follow one another; returns their paths."""
    share = -(-len(records) // files)
    paths = []
    for number in range(files):
        name = path if files == 1 else path.replace(".pcap", f".{number}.pcap")
        with open(name, "wb") as out:
            out.write(struct.pack("<IHHiIII", NANOSECOND_MAGIC, 2, 4, 0, 0, 262144, ETHERNET))
            for record in records[number * share : (number + 1) * share]:
                seconds, rest = divmod(record.time, SECOND)
                head = struct.pack("<IIII", seconds, rest, len(record.frame), record.length)
                out.write(head + record.frame)
        paths.append(name)
    return paths


def segment_of(record):
    """The TCP segment of a record, as far as its headers were captured; None for others."""
    try:
        return parse(record.frame)
    except (IndexError, struct.error):
        return None
