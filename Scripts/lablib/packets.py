"""Just enough of Ethernet, IP and TCP to forward segments by kind and to send hand-made ones."""

import dataclasses
import random
import socket
import struct
import time

FIN, SYN, RST, PSH, ACK, URG = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
MSS_OPTION = b"\x02\x04\x05\xb4"
MODULUS = 1 << 32

ETH_P_ALL = 3
ETH_IPV4 = 0x0800
ETH_IPV6 = 0x86DD
PACKET_OUTGOING = 4
WHOLE_FRAME = 65600
TIMESTAMPS = 8
LARGEST = {">I": 0xFFFFFFFF, ">H": 0xFFFF, ">B": 0xFF}
TCP_FIELDS = {
    "sequence": (">I", 4),
    "acknowledgment": (">I", 8),
    "flags": (">B", 13),
    "window": (">H", 14),
}


@dataclasses.dataclass
class Segment:
    """One TCP segment inside an Ethernet frame."""

    source: bytes
    destination: bytes
    source_port: int
    destination_port: int
    sequence: int
    acknowledgment: int
    flags: int
    length: int
    frame: bytes


def parse(frame):
    """The TCP segment of a frame, or None."""
    kind = struct.unpack_from(">H", frame, 12)[0]
    if kind == ETH_IPV4 and frame[23] == socket.IPPROTO_TCP:
        start = 14 + (frame[14] & 15) * 4
        end = 14 + struct.unpack_from(">H", frame, 16)[0]
        source, destination = frame[26:30], frame[30:34]
    elif kind == ETH_IPV6 and frame[20] == socket.IPPROTO_TCP:
        start = 54
        end = start + struct.unpack_from(">H", frame, 18)[0]
        source, destination = frame[22:38], frame[38:54]
    else:
        return None
    header = struct.unpack_from(">HHIIBB", frame, start)
    source_port, destination_port, sequence, acknowledgment, offset, flags = header
    length = end - start - (offset >> 4) * 4
    return Segment(
        source,
        destination,
        source_port,
        destination_port,
        sequence,
        acknowledgment,
        flags,
        length,
        frame,
    )


def option_at(frame, kind):
    """Where a TCP option's value begins in a frame, or None."""
    start = 54 if frame[12:14] == b"\x86\xdd" else 14 + (frame[14] & 15) * 4
    at, end = start + 20, start + (frame[start + 12] >> 4) * 4
    while at < end and frame[at] != 0:
        if frame[at] == 1:
            at += 1
        elif frame[at] == kind:
            return at + 2
        else:
            at += max(frame[at + 1], 2)
    return None


def timestamp(frame):
    """The TSval of a TCP frame, or None."""
    at = option_at(frame, TIMESTAMPS)
    return None if at is None else struct.unpack_from(">I", frame, at)[0]


def with_clock_shifted(frame, value=0, echo=0):
    """A copy of a TCP frame whose TSval and TSecr are other ones by so many ticks."""
    at = option_at(frame, TIMESTAMPS)
    if at is None:
        return frame
    made = bytearray(frame)
    old = struct.unpack_from(">II", made, at)
    new = (old[0] + value) & 0xFFFFFFFF, (old[1] + echo) & 0xFFFFFFFF
    struct.pack_into(">II", made, at, *new)
    return rewritten(bytes(made))


def checksum(data):
    """The Internet checksum, RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet_socket(namespace, interface):
    with namespace:
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        made.bind((interface, 0))
    return made


def reset_for(segment, time_to_live, is_answer=True, flags=RST, sequence=None):
    """The frame of a RST that a box makes of a segment it saw: back to its sender as if
    from the receiver, or on to the receiver as if from the sender."""
    frame = segment.frame
    version = 6 if len(segment.source) == 16 else 4
    ends = (segment.source, segment.destination)
    ports = (segment.source_port, segment.destination_port)
    hardware = frame[:6] + frame[6:12]
    number, acknowledged = segment.sequence, segment.acknowledgment
    if is_answer:
        ends, ports, hardware = ends[::-1], ports[::-1], frame[6:12] + frame[:6]
        occupied = segment.length + bool(segment.flags & SYN) + bool(segment.flags & FIN)
        number, acknowledged = segment.acknowledgment, segment.sequence + occupied
    if sequence is not None:
        number = sequence
    header = struct.pack(
        ">HHIIBBHHH",
        *ports,
        number % MODULUS,
        acknowledged % MODULUS if flags & ACK else 0,
        5 << 4,
        flags,
        0,
        0,
        0,
    )
    if version == 4:
        pseudo = ends[0] + ends[1] + struct.pack(">BBH", 0, socket.IPPROTO_TCP, 20)
        fixed = struct.pack(">BBHHHBBH", 0x45, 0, 40, 0, 0, time_to_live, socket.IPPROTO_TCP, 0)
        internet = fixed + ends[0] + ends[1]
        internet = internet[:10] + struct.pack(">H", checksum(internet)) + internet[12:]
    else:
        pseudo = ends[0] + ends[1] + struct.pack(">II", 20, socket.IPPROTO_TCP)
        fixed = struct.pack(">IHBB", 6 << 28, 20, socket.IPPROTO_TCP, time_to_live)
        internet = fixed + ends[0] + ends[1]
    value = struct.pack(">H", checksum(pseudo + header))
    return hardware + frame[12:14] + internet + header[:16] + value + header[18:]


def rewritten(frame, source=None, time_to_live=None, **changes):
    """A copy of a TCP frame with other header values and right checksums: `sequence`,
    `acknowledgment`, `flags` or `window`, and the IP header's source or time to live."""
    made = bytearray(frame)
    is_new = struct.unpack_from(">H", made, 12)[0] == ETH_IPV6
    start = 54 if is_new else 14 + (made[14] & 15) * 4
    for name, value in changes.items():
        layout, offset = TCP_FIELDS[name]
        struct.pack_into(layout, made, start + offset, value & LARGEST[layout])
    if time_to_live is not None:
        made[21 if is_new else 22] = time_to_live
    if source is not None:
        made[(22 if is_new else 26) : (38 if is_new else 30)] = source
    if is_new:
        length = struct.unpack_from(">H", made, 18)[0]
        pseudo = bytes(made[22:54]) + struct.pack(">II", length, socket.IPPROTO_TCP)
    else:
        length = struct.unpack_from(">H", made, 16)[0] - (start - 14)
        pseudo = bytes(made[26:34]) + struct.pack(">BBH", 0, socket.IPPROTO_TCP, length)
        struct.pack_into(">H", made, 24, 0)
        struct.pack_into(">H", made, 24, checksum(bytes(made[14:start])))
    struct.pack_into(">H", made, start + 16, 0)
    value = checksum(pseudo + bytes(made[start : start + length]))
    struct.pack_into(">H", made, start + 16, value)
    return bytes(made)


class RawPeer:
    """A hand-made TCP endpoint with an address that no kernel owns."""

    def __init__(self, namespace, interface, hardware, addresses):
        """`hardware` is (own, peer's) MAC address, `addresses` (own, peer's) IP address."""
        self._socket = packet_socket(namespace, interface)
        own, peer = (bytes.fromhex(mac.replace(":", "")) for mac in hardware)
        self.version = 6 if ":" in addresses[0] else 4
        family = socket.AF_INET if self.version == 4 else socket.AF_INET6
        kind = ETH_IPV4 if self.version == 4 else ETH_IPV6
        self._ethernet = peer + own + struct.pack(">H", kind)
        self.own, self.peer = (socket.inet_pton(family, name) for name in addresses)

    def send(
        self,
        port,
        peer_port,
        sequence,
        acknowledgment,
        flags,
        data=b"",
        options=b"",
        bad_checksum=False,
        time_to_live=64,
        window=64240,
    ):
        options += b"\x01" * (-len(options) % 4)
        header = struct.pack(
            ">HHIIBBHHH",
            port,
            peer_port,
            sequence % MODULUS,
            acknowledgment % MODULUS,
            (5 + len(options) // 4) << 4,
            flags,
            window,
            0,
            0,
        )
        segment = header + options + data
        value = checksum(self._pseudo_header(len(segment)) + segment)
        if bad_checksum:
            value ^= 0x5555
        segment = segment[:16] + struct.pack(">H", value) + segment[18:]
        self._socket.send(self._ethernet + self._ip_header(len(segment), time_to_live) + segment)

    def receive(self, port, peer_port, timeout=1.0, wanted=lambda segment: True):
        """The next segment to `port` that is `wanted`, or None after `timeout`."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                frame, address = self._socket.recvfrom(WHOLE_FRAME)
            except TimeoutError:
                return None
            if address[2] == PACKET_OUTGOING:
                continue
            segment = parse(frame)
            if segment is None or segment.destination != self.own:
                continue
            if (segment.source_port, segment.destination_port) != (peer_port, port):
                continue
            if wanted(segment):
                return segment
        return None

    def _pseudo_header(self, length):
        if self.version == 4:
            tail = struct.pack(">BBH", 0, socket.IPPROTO_TCP, length)
        else:
            tail = struct.pack(">II", length, socket.IPPROTO_TCP)
        return self.own + self.peer + tail

    def _ip_header(self, length, time_to_live):
        if self.version == 6:
            fixed = struct.pack(">IHBB", 6 << 28, length, socket.IPPROTO_TCP, time_to_live)
            return fixed + self.own + self.peer
        identification = random.getrandbits(16)
        fixed = struct.pack(
            ">BBHHHBBH",
            0x45,
            0,
            20 + length,
            identification,
            0x4000,
            time_to_live,
            socket.IPPROTO_TCP,
            0,
        )
        header = fixed + self.own + self.peer
        return header[:10] + struct.pack(">H", checksum(header)) + header[12:]
