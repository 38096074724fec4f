"""Makes the first inputs of a fuzz target from captures: seeds.py TARGET CAPTURES CORPUS"""

import hashlib
import struct
import sys
from pathlib import Path

LONGEST = 4096


def frames(data):
    """Time in nanoseconds, link type and bytes of each packet of a capture file."""
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        yield from blocks(data)
        return
    unit = 1 if data[:4] == b"\x4d\x3c\xb2\xa1" else 1000
    (link,) = struct.unpack_from("<I", data, 20)
    place = 24
    while place + 16 <= len(data):
        seconds, fraction, captured, _ = struct.unpack_from("<IIII", data, place)
        place += 16
        yield seconds * 10**9 + fraction * unit, link, data[place : place + captured]
        place += captured


def blocks(data):
    """The same of little-endian pcapng with microseconds or nanoseconds."""
    links, units, place = [], [], 0
    while place + 12 <= len(data):
        kind, length = struct.unpack_from("<II", data, place)
        if kind == 1:
            links.append(struct.unpack_from("<H", data, place + 8)[0])
            units.append(1 if b"\x09\x00\x01\x00\x09" in data[place : place + length] else 1000)
        elif kind == 6:
            interface, high, low, captured = struct.unpack_from("<IIII", data, place + 8)
            time = (high << 32 | low) * units[interface]
            yield time, links[interface], data[place + 28 : place + 28 + captured]
        place += length


def reader(data):
    """The file's beginning, which ends in the middle of a packet as a rule."""
    yield data[:LONGEST]


LENGTHS = [0, 0, 0, 1, 100, 1460, 9000, 65000]
# The decoder's link types in the target's order.
# fmt: off
LINKS = [
    0, 1, 7, 9, 10, 12, 50, 51, 101, 104, 105,
    107, 108, 113, 117, 127, 129, 204, 219, 228, 229,
]  # fmt: on


def decoder(data):
    """Some packets, behind their link type."""
    for _, link, frame in list(frames(data))[:40:4]:
        if link in LINKS:
            yield bytes([LINKS.index(link), 0]) + frame[:300]


STEPS = [0, 10**3, 10**6, 4 * 10**7, 25 * 10**7, 10**9, 3 * 10**9, 6 * 10**10, 13 * 10**10, 10**12]


def tracker(data):
    """The order of the first connections' packets, flags and lengths; every number as expected."""
    # Linux's timers, no limit on connections.
    script, flows, before = bytearray([0, 16]), {}, None
    for time, link, frame in frames(data):
        start = {1: 14, 101: 0, 113: 16, 276: 20}.get(link)
        if start is None or frame[start : start + 1] != b"\x45" or frame[start + 9] != 6:
            continue
        total = int.from_bytes(frame[start + 2 : start + 4], "big")
        source, target = frame[start + 12 : start + 16], frame[start + 16 : start + 20]
        tcp = frame[start + 20 :]
        if len(tcp) < 20:
            continue
        ends = (source + tcp[:2], target + tcp[2:4])
        flow, opener = flows.setdefault(frozenset(ends), (len(flows), ends[0]))
        if flow > 2:
            continue
        payload = total - 20 - (tcp[12] >> 4) * 4
        length = next(n for n, limit in enumerate(LENGTHS) if limit >= payload)
        gap = 0 if before is None else max(0, time - before)
        step = max(n for n, limit in enumerate(STEPS) if limit <= gap)
        before = time
        window = min(254, int.from_bytes(tcp[14:16], "big") >> 8)
        script += bytes(
            [flow | (0 if ends[0] == opener else 4), tcp[13], 0, length, window, step, 0, 0]
        )
        if len(script) > LONGEST - 8:
            break
    yield bytes(script)


def archive(data):
    """The same script, and as few as no changes of what it comes to."""
    for script in tracker(data):
        yield script[:2] + bytes([0]) + script[2:]
        yield script[:2] + bytes([2, 0, 0, 200, 1, 20, 255]) + script[2:]


def part(data):
    """The same, with a few bytes of the part changed."""
    for script in tracker(data):
        yield script[:2] + bytes([0]) + script[2:]
        yield script[:2] + bytes([2, 0, 40, 255, 1, 20, 1]) + script[2:]


def checkpoint(data):
    """The same of a checkpoint."""
    yield from part(data)


def comparison(data):
    """The same past two taps: all arrives; some is lost, made between, changed or translated."""
    for script in tracker(data):
        yield bytes([0, 0, 0, 0]) + script
        yield bytes([1, 0, 7, 0, 32, 0, 1, 2, 3, 0, 5]) + script
        yield bytes([2, 0, 0, 4]) + script


def merge(data):
    """Two beginnings of the file, of different lengths."""
    first, second = data[: LONGEST // 2 - 100], data[: LONGEST // 3]
    yield bytes([0]) + struct.pack("<H", len(first)) + first + second


def text(data):
    """The file's beginning behind a name that a terminal would act on."""
    name = "a\x1b[2J\u009b|`\u202e\n".encode() + b"\xff"
    yield bytes([0, len(name)]) + name + data[: LONGEST - 80]


def main():
    target, captures, corpus = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    for path in sorted([*captures.glob("*.pcap"), *captures.glob("*.pcapng")]):
        for seed in globals()[target](path.read_bytes()):
            name = hashlib.sha1(seed).hexdigest()
            (corpus / name).write_bytes(seed)


main()
