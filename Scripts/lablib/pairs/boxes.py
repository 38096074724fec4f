"""Boxes that translate, answer, clamp and hold: each as a path between client and server."""

import socket
import struct
import time

from ..forwarder import TO_SERVER, Flow, Passage, Path
from ..packets import (
    ACK,
    MODULUS,
    RST,
    SYN,
    checksum,
    option_at,
    reset_for,
    rewritten,
)

MSS, WINDOW_SCALE, SACK_PERMITTED, TIMESTAMPS = 2, 3, 4, 8


def _tcp_start(frame):
    return 54 if frame[12:14] == b"\x86\xdd" else 14 + (frame[14] & 15) * 4


def readdressed(frame, source=None, destination=None):
    """A copy with another sender or receiver: (packed address, port) each."""
    made = bytearray(frame)
    size, at = (16, 22) if frame[12:14] == b"\x86\xdd" else (4, 26)
    start = _tcp_start(frame)
    for place, end in ((0, source), (1, destination)):
        if end is not None:
            made[at + place * size : at + (place + 1) * size] = end[0]
            struct.pack_into(">H", made, start + 2 * place, end[1])
    return rewritten(bytes(made))


def with_mss(frame, limit):
    """A copy whose MSS option is no more than the limit."""
    at = option_at(frame, MSS)
    if at is None or struct.unpack_from(">H", frame, at)[0] <= limit:
        return frame
    made = bytearray(frame)
    struct.pack_into(">H", made, at, limit)
    return rewritten(bytes(made))


def without_options(frame, *kinds):
    """A copy with "no operation" in the place of some options."""
    made = bytearray(frame)
    for kind in kinds:
        at = option_at(bytes(made), kind)
        if at is not None:
            length = made[at - 1]
            made[at - 2 : at - 2 + length] = b"\x01" * length
    return rewritten(bytes(made))


def with_payload(frame, old, new):
    """A copy in which some bytes of the payload are others, as many."""
    return rewritten(frame.replace(old, new)) if old in frame else frame


def with_identification(frame, value):
    made = bytearray(frame)
    if frame[12:14] != b"\x86\xdd":
        struct.pack_into(">H", made, 18, value & 0xFFFF)
    return rewritten(bytes(made))


class ChangingBox(Path):
    """Sends on what `change(frame, segment, direction, flow)` makes of each segment."""

    def __init__(self, seed, change, **options):
        super().__init__(seed, **options)
        self.change = change

    def deliver_changed(self, segment, direction, flow):
        delay = flow.delays[direction]
        frame = self.change(segment.frame, segment, direction, flow)
        if frame is None:
            return [Passage(delay / 2, 0, is_delivered=False)]
        return [Passage(delay / 2, delay / 2, frame=frame)]

    def passages(self, segment, direction, is_cut):
        flow = self._flow(segment, direction)
        self._kind(segment, flow, direction)
        if is_cut or self.loss and self.random.random() < self.loss:
            return self.lose(flow.delays[direction])
        return self.deliver_changed(segment, direction, flow)


class Translator(ChangingBox):
    """Shows clients of some services to the server under other ends.

    `outside` maps a client's packed address to the one that the server sees, `services` are
    ports. With `idle`, a connection that was quiet for so long is forgotten: what comes
    later is dropped or, with `resets`, answered with a RST.
    """

    def __init__(self, seed, outside, services, shift=0, idle=None, resets=False, **options):
        super().__init__(seed, None, **options)
        self.outside, self.services, self.shift = outside, set(services), shift
        self.idle, self.resets = idle, resets
        self.ports, self.back, self.last, self.forgotten = {}, {}, {}, set()
        self.next_port = 20_000 + seed % 1000

    def passages(self, segment, direction, is_cut):
        if not {segment.source_port, segment.destination_port} & self.services:
            return Path.passages(self, segment, direction, is_cut)
        seen = (segment.destination, segment.destination_port)
        if direction != TO_SERVER:
            entry = self.back.get(seen)
            if entry is None:
                return []
            client, server = entry
            flow = self._client_flow(client, server)
        else:
            client = (segment.source, segment.source_port)
            server = seen
            flow = self._client_flow(client, server)
        now = time.monotonic()
        quiet = now - self.last.get(flow.index, now)
        self.last[flow.index] = now
        if self.idle and quiet > self.idle:
            self.forgotten.add(flow.index)
        delay = flow.delays[direction]
        if flow.index in self.forgotten:
            lost = [Passage(delay / 4, 0, is_delivered=False)]
            if not self.resets or segment.flags & RST:
                return lost
            answer = reset_for(segment, time_to_live=61)
            return [*lost, Passage(delay / 4 + 0.0004, delay / 4, frame=answer, turns_back=True)]
        if is_cut or self.loss and self.random.random() < self.loss:
            return self.lose(delay)
        if direction == TO_SERVER:
            frame = self._to_server(segment, client, server)
        else:
            frame = self._to_client(segment, client, server)
        return [Passage(delay / 2, delay / 2, frame=frame)]

    def _client_flow(self, client, server):
        key = (client, server)
        if key not in self.flows:
            delays = [self.random.uniform(*self.delay) for _ in range(2)]
            self.flows[key] = Flow(len(self.flows), delays)
        return self.flows[key]

    def _to_server(self, segment, client, server):
        if client not in self.ports:
            self.next_port += 1
            name = self.outside.get(client[0], client[0])
            end = (name, self.next_port if client[0] in self.outside else client[1])
            self.ports[client] = end
            self.back[end] = (client, server)
        frame = readdressed(segment.frame, self.ports[client])
        if self.shift:
            frame = rewritten(frame, sequence=(segment.sequence + self.shift) % MODULUS)
        return frame

    def _to_client(self, segment, client, server):
        frame = readdressed(segment.frame, server, client)
        if self.shift and segment.flags & ACK:
            back = (segment.acknowledgment - self.shift) % MODULUS
            frame = rewritten(frame, acknowledgment=back)
        return frame


class ServiceBox(Path):
    """Does something of its own with the segments of the service at `port`: see `on_service`."""

    def __init__(self, seed, port, **options):
        super().__init__(seed, **options)
        self.port = port

    def special(self, segment, flow, kind, delay):
        if self.port not in (segment.source_port, segment.destination_port):
            return None
        return self.on_service(segment, flow, kind, delay)


class AcknowledgingBox(ServiceBox):
    """Acknowledges the client's data at once in the server's name, and keeps the server's
    own pure acknowledgments."""

    def on_service(self, segment, flow, kind, delay):
        if kind == "ACKs":
            return [Passage(delay / 2, 0, is_delivered=False)]
        if kind != "DATAc":
            return None
        end = segment.sequence + segment.length
        answer = reset_for(segment, 60, flags=ACK, sequence=segment.acknowledgment)
        answer = rewritten(answer, acknowledgment=end % MODULUS, window=64000)
        made = Passage(delay / 4 + 0.0003, delay / 4, frame=answer, turns_back=True)
        return [*self.deliver(delay), made]


class SYNProxy(ServiceBox):
    """Answers SYNs to `port` itself; opens the server's side once the client has confirmed,
    and shifts the server's sequence numbers from then on."""

    ISN = 0x1234_5678

    def on_service(self, segment, flow, kind, delay):
        is_to_server = segment.destination_port == self.port
        handle = self._from_client if is_to_server else self._from_server
        return handle(segment, flow, kind, delay)

    def _from_client(self, segment, flow, kind, delay):
        absorbed = Passage(delay / 4, 0, is_delivered=False)
        if kind == "SYNc":
            flow.held["syn"] = segment.frame
            answer = reset_for(segment, 64, flags=SYN | ACK, sequence=self.ISN)
            answer = rewritten(answer, window=0xFFFF)
            made = Passage(delay / 4, delay / 4, frame=answer, turns_back=True)
            return [absorbed, made]
        if "shift" not in flow.held:
            if "asked" in flow.held or "syn" not in flow.held:
                return [absorbed]
            flow.held["asked"] = True
            syn = without_options(flow.held["syn"], TIMESTAMPS, WINDOW_SCALE, SACK_PERMITTED)
            copy = Passage(delay / 2, delay / 2, frame=syn, copy_of=flow.held["syn"])
            return [absorbed, copy]
        number = (segment.acknowledgment - flow.held["shift"]) % MODULUS
        frame = rewritten(segment.frame, acknowledgment=number)
        return [Passage(delay / 2, delay / 2, frame=frame)]

    def _from_server(self, segment, flow, kind, delay):
        if kind == "SYNACK":
            flow.held["shift"] = (self.ISN - segment.sequence) % MODULUS
            answer = reset_for(segment, 64, flags=ACK, sequence=segment.acknowledgment)
            answer = rewritten(answer, window=0xFFFF)
            absorbed = Passage(delay / 4, 0, is_delivered=False)
            return [absorbed, Passage(delay / 4, delay / 4, frame=answer, turns_back=True)]
        number = (segment.sequence + flow.held.get("shift", 0)) % MODULUS
        return [Passage(delay / 2, delay / 2, frame=rewritten(segment.frame, sequence=number))]


class RefusingBox(ServiceBox):
    """Answers SYNs to `port` with a RST in the server's name, or an ICMP error of its own."""

    def __init__(self, seed, port, error_from=None, **options):
        super().__init__(seed, port, **options)
        self.error_from = error_from

    def on_service(self, segment, flow, kind, delay):
        if kind != "SYNc":
            return None
        if self.error_from is None or len(segment.source) == 16:
            answer = reset_for(segment, 63, flags=RST | ACK, sequence=0)
        else:
            answer = unreachable(segment.frame, self.error_from)
        lost = Passage(delay / 4, 0, is_delivered=False)
        return [lost, Passage(delay / 4 + 0.0002, delay / 4, frame=answer, turns_back=True)]


def unreachable(frame, sender, code=13):
    """ICMP "destination unreachable" about an IPv4 frame, from a packed address."""
    quote = frame[14:42]
    body = struct.pack(">BBHI", 3, code, 0, 0) + quote
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    fixed = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 63, socket.IPPROTO_ICMP, 0)
    header = fixed + sender + frame[26:30]
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return frame[6:12] + frame[:6] + frame[12:14] + header + body
