"""The path between client and server: a user-space bridge that delays, drops and records.

It stands in for netem, which many kernels lack, and can do what netem cannot: treat
a segment by its role in the connection ("the first FIN of the server is lost").
"""

import dataclasses
import heapq
import itertools
import random
import select
import socket
import struct
import time

from . import packets, system
from .packets import ACK, FIN, RST, SYN

NANOSECOND_MAGIC = 0xA1B23C4D
ETHERNET = 1
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
TO_SERVER, TO_CLIENT = 0, 1
# What the path loses: a set of directions as bits.
WHOLE, ALL_IS_LOST = 0, 1 << TO_SERVER | 1 << TO_CLIENT


@dataclasses.dataclass
class Passage:
    """What happens to one copy of a segment: when the tap sees it, when it goes on.

    `before` and `after` are the delays in seconds on each side of the tap. A segment
    may be lost before the tap (`is_tapped` false) or behind it (`is_delivered` false).
    A box on the path may send a `frame` of its own instead, on or back (`turns_back`);
    `is_made` tells one beside the segment, `copy_of` one of an earlier segment, by its frame.
    """

    before: float
    after: float
    is_tapped: bool = True
    is_delivered: bool = True
    frame: bytes | None = None
    turns_back: bool = False
    is_made: bool = False
    copy_of: bytes | None = None


class Flow:
    """What the path knows about one connection."""

    def __init__(self, index, delays):
        self.index = index
        self.delays = delays
        self.fin_sequence = [None, None]
        self.handshake_is_done = False
        self.dropped = {}
        self.held = {}


class Path:
    """A fixed delay per connection and direction, random loss, duplicates and reordering."""

    def __init__(
        self,
        seed,
        delay=(0.002, 0.008),
        loss=0.0,
        duplicates=0.0,
        reordering=0.0,
        reordering_delay=0.01,
    ):
        self.random = random.Random(seed)
        self.delay = delay
        self.loss, self.duplicates = loss, duplicates
        self.reordering, self.reordering_delay = reordering, reordering_delay
        self.flows = {}

    def passages(self, segment, direction, is_cut):
        """All that arrives of a segment: usually one passage, none or two at times."""
        flow = self._flow(segment, direction)
        kind = self._kind(segment, flow, direction)
        delay = flow.delays[direction]
        if is_cut:
            return self.lose(delay)
        special = self.special(segment, flow, kind, delay)
        if special is not None:
            return special
        if self.loss and self.random.random() < self.loss:
            return self.lose(delay)
        if self.reordering and self.random.random() < self.reordering:
            delay += self.random.random() * self.reordering_delay
        passages = self.deliver(delay)
        if self.duplicates and self.random.random() < self.duplicates:
            passages += self.deliver(delay + self.random.random() * 0.005)
        return passages

    def special(self, segment, flow, kind, delay):
        """For paths with a plan: the passages of this segment, or None for the usual."""
        return None

    def deliver(self, delay):
        return [Passage(delay / 2, delay / 2)]

    def lose(self, delay):
        if self.random.random() < 0.5:
            return []
        return [Passage(delay / 2, 0, is_delivered=False)]

    def _flow(self, segment, direction):
        client = (segment.source, segment.source_port)
        server = (segment.destination, segment.destination_port)
        key = (client, server) if direction == TO_SERVER else (server, client)
        if key not in self.flows:
            delays = [self.random.uniform(*self.delay) for _ in range(2)]
            self.flows[key] = Flow(len(self.flows), delays)
        return self.flows[key]

    def _kind(self, segment, flow, direction):
        """The segment's role: SYNc, SYNACK, ACK3, DATAc, FINs, AFINc (ACK of the client's
        FIN), RSTs, ..., with `c` or `s` for the side it comes from."""
        side, peer_side = ("c", "s") if direction == TO_SERVER else ("s", "c")
        if segment.flags & RST:
            return "RST" + side
        if segment.flags & SYN:
            return "SYNACK" if segment.flags & ACK else "SYN" + side
        if segment.flags & FIN:
            flow.fin_sequence[direction] = segment.sequence + segment.length
            return "FIN" + side
        if segment.length:
            return "DATA" + side
        fin = flow.fin_sequence[1 - direction]
        if fin is not None and segment.acknowledgment == (fin + 1) % packets.MODULUS:
            return "AFIN" + peer_side
        if direction == TO_SERVER and not flow.handshake_is_done:
            flow.handshake_is_done = True
            return "ACK3"
        return "ACK" + side


class PlannedPath(Path):
    """Drops or holds chosen segments; connection i follows plan i modulo their number.

    A plan maps a kind to how many of that kind are lost: {"FINc": 2, "AFINs": 1}.
    "hold:KIND" maps to seconds by which the first of that kind is late. "last data"
    does so ("drop" or seconds) to the segment that ends in LAST_DATA_MARK.
    """

    LAST_DATA_MARK = b"ZZZZ"

    def __init__(self, seed, plans, **options):
        super().__init__(seed, **options)
        self.plans = plans

    def special(self, segment, flow, kind, delay):
        plan = self.plans[flow.index % len(self.plans)]
        if flow.dropped.get(kind, 0) < plan.get(kind, 0):
            flow.dropped[kind] = flow.dropped.get(kind, 0) + 1
            return self.lose(delay)
        if "hold:" + kind in plan and self._is_first("hold:" + kind, flow):
            return self._hold(delay, plan["hold:" + kind])
        if "last data" in plan and self._is_last_data(segment):
            if self._is_first("last data " + kind, flow):
                if plan["last data"] == "drop":
                    return self.lose(delay)
                return self._hold(delay, plan["last data"])
        return None

    def _is_first(self, what, flow):
        flow.held[what] = flow.held.get(what, 0) + 1
        return flow.held[what] == 1

    def _is_last_data(self, segment):
        is_data = segment.length > 0 and not segment.flags & FIN
        return is_data and segment.frame.endswith(self.LAST_DATA_MARK)

    def _hold(self, delay, extra):
        if self.random.random() < 0.5:
            return [Passage(delay / 2, delay / 2 + extra)]
        return [Passage(delay / 2 + extra, delay / 2)]


class BlackHole(Path):
    """Loses the SYNs of two connections in three, and all answers of the third."""

    def special(self, segment, flow, kind, delay):
        if flow.index % 3 < 2:
            return self.lose(delay) if kind == "SYNc" else None
        return self.lose(delay) if kind[-1] == "s" or kind == "SYNACK" else None


class NarrowPath(Path):
    """Loses without a word what is larger than `limit` bytes, as a path MTU hole does."""

    def __init__(self, seed, limit, **options):
        super().__init__(seed, **options)
        self.limit = limit

    def special(self, segment, flow, kind, delay):
        return self.lose(delay) if len(segment.frame) > self.limit else None


class CaptureWriter:
    """A classic pcap file with nanosecond times, link type Ethernet."""

    def __init__(self, path, snapshot_length):
        self._snapshot_length = snapshot_length
        self._file = open(path, "wb")
        header = (NANOSECOND_MAGIC, 2, 4, 0, 0, snapshot_length, ETHERNET)
        self._file.write(struct.pack("<IHHiIII", *header))

    def write(self, frame):
        seconds, nanoseconds = divmod(time.time_ns(), 10**9)
        kept = frame[: self._snapshot_length]
        record = struct.pack("<IIII", seconds, nanoseconds, len(kept), len(frame))
        self._file.write(record + kept)

    def close(self):
        self._file.close()


class Forwarder:
    """Carries frames between two interfaces; runs in a process of its own.

    `cut` is shared with the laboratory: the directions that lose everything. `is_taping`
    says whether the tap in the middle writes to `capture`.
    """

    def __init__(self, namespace, interfaces, path, capture, cut, is_taping):
        self._namespace, self._interfaces = namespace, interfaces
        self._path, self._capture = path, capture
        self._cut, self._is_taping = cut, is_taping
        self._queue, self._order = [], itertools.count()

    def run(self, snapshot_length, is_over):
        system.die_with_parent()
        self._sockets = [self._open(name) for name in self._interfaces]
        writer = CaptureWriter(self._capture, snapshot_length)
        poll = select.poll()
        directions = {}
        for direction, opened in enumerate(self._sockets):
            poll.register(opened, select.POLLIN)
            directions[opened.fileno()] = direction
        while not is_over():
            self._run_due(writer)
            for descriptor, _ in poll.poll(self._milliseconds_to_next()):
                self._receive(directions[descriptor])
        writer.close()

    def _open(self, interface):
        opened = packets.packet_socket(self._namespace, interface)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        opened.setblocking(False)
        with self._namespace:
            index = socket.if_nametoindex(interface)
        membership = struct.pack("iHHQ", index, PACKET_MR_PROMISC, 0, 0)
        opened.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
        return opened

    def _later(self, moment, action, direction, frame, passage):
        entry = (moment, next(self._order), action, direction, frame, passage)
        heapq.heappush(self._queue, entry)

    def _run_due(self, writer):
        now = time.monotonic()
        while self._queue and self._queue[0][0] <= now:
            moment, _, action, direction, frame, passage = heapq.heappop(self._queue)
            if action == "send":
                self._send(direction, frame)
                continue
            if self._is_taping.value:
                writer.write(frame)
            if not passage.is_delivered:
                continue
            if passage.after <= 0:
                self._send(direction, frame)
            else:
                self._later(moment + passage.after, "send", direction, frame, None)

    def _milliseconds_to_next(self):
        if not self._queue:
            return 20
        left = (self._queue[0][0] - time.monotonic()) * 1000
        if left > 1:
            return min(20, left)
        return 1 if left > 0.5 else 0

    def _receive(self, direction):
        for _ in range(64):
            try:
                frame, address = self._sockets[direction].recvfrom(packets.WHOLE_FRAME)
            except BlockingIOError:
                return
            if address[2] == packets.PACKET_OUTGOING:
                continue
            segment = packets.parse(frame)
            if segment is None:
                self._send(direction, frame)
                continue
            now = time.monotonic()
            is_cut = bool(self._cut.value >> direction & 1)
            for passage in self._path.passages(segment, direction, is_cut):
                sent = passage.frame or frame
                way = 1 - direction if passage.turns_back else direction
                if passage.is_tapped:
                    self._later(now + passage.before, "tap", way, sent, passage)
                elif passage.is_delivered:
                    moment = now + passage.before + passage.after
                    self._later(moment, "send", way, sent, None)

    def _send(self, direction, frame):
        try:
            self._sockets[1 - direction].send(frame)
        except OSError:
            pass  # a full transmit queue loses frames, as on any path
