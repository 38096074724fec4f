"""The TCP segments of a capture file, read by code of the laboratory's own."""

import copy
import dataclasses
import ipaddress
import struct

from ..packets import FIN, SYN

MICROSECOND_MAGIC, NANOSECOND_MAGIC = 0xA1B2C3D4, 0xA1B23C4D
# Where the EtherType is, and where the packet begins, for each link type.
LINK_LAYERS = {1: (12, 14), 113: (14, 16), 276: (0, 20)}
ETH_IPV4, ETH_IPV6, ETH_VLAN = 0x0800, 0x86DD, 0x8100
TCP, HOP_BY_HOP = 6, 0


@dataclasses.dataclass(slots=True, frozen=True)
class Captured:
    """One segment; `length` is that of its data, `end` the number after it."""

    time: int
    source: tuple
    destination: tuple
    flags: int
    sequence: int
    acknowledgment: int
    length: int
    has_options: bool

    @property
    def end(self):
        size = self.length + bool(self.flags & SYN) + bool(self.flags & FIN)
        return (self.sequence + size) & 0xFFFFFFFF


def read(path):
    """Yields (time in ns, record header and bytes, link type) of a classic capture file."""
    with open(path, "rb") as opened:
        data = opened.read()
    (magic,) = struct.unpack_from("<I", data)
    if magic not in (MICROSECOND_MAGIC, NANOSECOND_MAGIC):
        raise ValueError(f"{path}: not a little-endian capture file")
    unit = 1 if magic == NANOSECOND_MAGIC else 1000
    link_type = struct.unpack_from("<I", data, 20)[0] & 0xFFFF
    offset = 24
    while offset + 16 <= len(data):
        seconds, fraction, kept, _ = struct.unpack_from("<IIII", data, offset)
        record = data[offset : offset + 16 + kept]
        yield seconds * 10**9 + fraction * unit, record, link_type
        offset += 16 + kept


def segments(path, names):
    """All TCP segments of a capture file, with endpoints as `names` calls them."""
    found = []
    for time, record, link_type in read(path):
        segment = _segment(time, record[16:], link_type, names)
        if segment is not None:
            found.append(segment)
    return found


def _segment(time, frame, link_type, names):
    try:
        type_at, start = LINK_LAYERS[link_type]
        (kind,) = struct.unpack_from(">H", frame, type_at)
        if kind == ETH_VLAN:
            (kind,) = struct.unpack_from(">H", frame, start + 2)
            start += 4
        if kind == ETH_IPV4 and frame[start + 9] == TCP:
            tcp = start + (frame[start] & 15) * 4
            (total,) = struct.unpack_from(">H", frame, start + 2)
            end = start + total if total else len(frame)
            addresses = frame[start + 12 : start + 16], frame[start + 16 : start + 20]
        elif kind == ETH_IPV6:
            tcp, following = start + 40, frame[start + 6]
            end = tcp + struct.unpack_from(">H", frame, start + 4)[0]
            if following == HOP_BY_HOP:  # a jumbo payload option
                following, tcp = frame[tcp], tcp + (frame[tcp + 1] + 1) * 8
                end = start + 40 + struct.unpack_from(">I", frame, start + 44)[0]
            if following != TCP:
                return None
            addresses = frame[start + 8 : start + 24], frame[start + 24 : start + 40]
        else:
            return None
        header = struct.unpack_from(">HHIIBB", frame, tcp)
    except (struct.error, IndexError, KeyError):
        return None
    ports, sequence, acknowledgment = header[:2], header[2], header[3]
    source, destination = (
        names.endpoint(str(ipaddress.ip_address(address)), port)
        for address, port in zip(addresses, ports, strict=True)
    )
    size = (header[4] >> 4) * 4
    length = end - tcp - size
    numbers = header[5], sequence, acknowledgment, length
    return Captured(time, source, destination, *numbers, size > 20)


class Tap:
    """The segments of one capture file, by connection and direction."""

    def __init__(self, path, names):
        self._segments = {}
        for segment in segments(path, names):
            self._segments.setdefault((segment.source, segment.destination), []).append(segment)

    def since(self, moment):
        """The same tap, of a capture that began at `moment`."""
        later = copy.copy(self)
        later._segments = {
            key: [one for one in segments if one.time >= moment]
            for key, segments in self._segments.items()
        }
        return later

    def sent(self, key, begin, end):
        """What went from key[0] to key[1] between two times."""
        return [one for one in self._segments.get(key, []) if begin <= one.time < end]

    def received(self, key, begin, end):
        return self.sent((key[1], key[0]), begin, end)
