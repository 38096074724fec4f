"""A kernel against hand-made segments; only the kernel's side is judged."""

import socket
import struct
import time

from ..conversation import attempt, read_to_end, receive_exactly
from ..forwarder import Path
from ..packets import ACK, FIN, MSS_OPTION, PSH, RST, SYN
from .opening import TCP_FASTOPEN_CONNECT
from .registry import workload

TIMESTAMP_OPTION = MSS_OPTION + b"\x01\x01"


class Visitor:
    """One hand-made connection to a kernel's listener."""

    def __init__(self, recording, peers, listeners, i, options=MSS_OPTION):
        self.version = 6 if i % 2 else 4
        self.peer, self.listener = peers[self.version], listeners[self.version]
        self.address = recording.address("raw", self.version)
        self.port = recording.client_port()
        self.initial = recording.random.getrandbits(32)
        self.next, self.expected = self.initial, 0
        self.options = options
        self.answer = None

    def send(self, flags, data=b"", sequence=None, acknowledgment=None, **extra):
        """Sends a segment; one in sequence moves `next` along."""
        number = self.next if sequence is None else sequence
        acked = self.expected if acknowledgment is None else acknowledgment
        self.peer.send(self.port, self.listener.port, number, acked, flags, data, **extra)
        if sequence is None:
            self.next += len(data) + bool(flags & (SYN | FIN))

    def receive(self, wanted=lambda segment: True, timeout=1.0):
        return self.peer.receive(self.port, self.listener.port, timeout, wanted)

    def knock(self):
        """SYN; returns the SYN/ACK, or None."""
        self.send(SYN, acknowledgment=0, options=self.options)
        self.answer = self.receive()
        if self.answer is not None:
            self.expected = self.answer.sequence + 1
        return self.answer

    def accepted(self, timeout=3):
        return self.listener.accepted((self.address, self.port), timeout)

    def wait_for_fin(self):
        fin = self.receive(lambda segment: segment.flags & FIN)
        if fin is not None:
            self.expected = fin.sequence + fin.length + 1
        return fin


def raw_peers(recording):
    return {version: recording.raw_peer(version) for version in (4, 6)}


@workload(
    "syn-flood",
    count=60,
    server_sysctls={"net.ipv4.tcp_synack_retries": 2, "net.ipv4.tcp_syncookies": 0},
)
def syn_flood(recording, count):
    """SYNs without a third segment, with a reset, a late, a wrong or a repeated one"""
    listeners, peers = recording.listen_on_both(), raw_peers(recording)
    visitors = []
    for i in range(count):
        visitor = Visitor(recording, peers, listeners, i)
        visitors.append(visitor)
        case = i // 2 % 6
        if visitor.knock() is None:
            recording.errors.append(f"{i}: no SYN/ACK")
            continue
        if case == 1:
            time.sleep(0.02)
            visitor.send(RST, acknowledgment=0)
        elif case == 2:
            time.sleep(0.01)
            visitor.send(ACK)
        elif case == 3:
            time.sleep(0.05)
            first = visitor.initial
            visitor.send(SYN, sequence=first, acknowledgment=0, options=MSS_OPTION)
        elif case == 4:
            time.sleep(0.01)
            visitor.send(ACK, acknowledgment=visitor.expected + 77777)
        time.sleep(recording.random.random() * 0.03)
    time.sleep(1.7)
    for i, visitor in enumerate(visitors):
        if visitor.answer is None:
            continue
        if i // 2 % 6 == 5:
            visitor.send(ACK)
        elif i // 2 % 6 == 2:
            visitor.send(RST | ACK)
    time.sleep(8)


@workload(
    "fin-in-syn-recv",
    count=48,
    delay=(0.01, 0.02),
    sysctls={"net.ipv4.tcp_fastopen": 3, "net.ipv4.tcp_synack_retries": 3},
)
def fin_in_syn_recv(recording, count):
    """a FIN as third segment, with and without data; a server that closes in SYN_RECV"""
    listeners, peers = recording.listen_on_both(fast_open=64), raw_peers(recording)
    for i in range(count // 2):
        _finish_at_once(recording, Visitor(recording, peers, listeners, i), i)
        time.sleep(0.02)

    def open_fast(i, version):
        client = recording.client(version)
        client.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
        client.connect(listeners[version].address)
        client.sendall(b"Q" * 100)
        server = listeners[version].accepted(client.getsockname())
        receive_exactly(server, 100)
        if i % 3:
            server.sendall(b"R" * 300)
        server.close()
        read_to_end(client)
        time.sleep(recording.random.random() * 0.02)
        client.close()

    open_fast(0, 4)
    open_fast(1, 6)
    recording.in_parallel(count // 2, open_fast, 1)
    time.sleep(4)


def _finish_at_once(recording, visitor, i):
    case = i // 2 % 4
    if visitor.knock() is None:
        recording.errors.append(f"{i}: no SYN/ACK")
        return
    if case == 0:
        visitor.send(FIN | ACK)
    elif case == 1:
        visitor.send(FIN | ACK | PSH, b"0123456789")
    elif case == 2:
        visitor.send(ACK | PSH, b"abcd")
        visitor.send(FIN | ACK)
    else:
        visitor.send(ACK)
        time.sleep(0.03)
        visitor.send(FIN | ACK)
    try:
        server = visitor.accepted(2)
    except TimeoutError:
        recording.errors.append(f"{i}: not accepted")
        return
    time.sleep(0.05)
    if i % 8 < 6:
        attempt(server.recv, 99)
    server.close()
    if visitor.wait_for_fin() and i % 3:
        visitor.send(ACK)


@workload(
    "unacceptable-segments",
    count=60,
    path=lambda recording: Path(recording.seed, (0.002, 0.004)),
)
def unacceptable_segments(recording, count):
    """RFC 5961: resets, SYNs and FINs with wrong numbers, bad checksums, early FINs"""
    listeners, peers = recording.listen_on_both(), raw_peers(recording)
    for i in range(count):
        visitor = Visitor(recording, peers, listeners, i)
        if visitor.knock() is None:
            recording.errors.append(f"{i}: no SYN/ACK")
            continue
        visitor.send(ACK)
        server = visitor.accepted()
        visitor.send(ACK | PSH, b"hello")
        server.recv(10)
        time.sleep(0.02)
        _provoke(recording, visitor, server, i // 2 % 10)
    time.sleep(1)


def _provoke(recording, visitor, server, case):
    now = visitor.next
    if case == 0:
        visitor.send(RST, sequence=now - 100_000, acknowledgment=0)
    elif case == 1:
        visitor.send(RST, sequence=now + 100, acknowledgment=0)
    elif case == 2:
        visitor.send(RST, sequence=now, acknowledgment=0)
        time.sleep(0.05)
        server.close()
        return
    elif case == 3:
        visitor.send(SYN, sequence=now + 10, acknowledgment=0, options=MSS_OPTION)
    elif case == 4:
        visitor.send(FIN | ACK, sequence=visitor.initial - 5000)
    elif case == 5:
        visitor.send(FIN | ACK, sequence=now + 10_000_000)
    elif case == 6:
        visitor.send(FIN | ACK, sequence=now, bad_checksum=True)
    elif case == 7:
        visitor.send(FIN | ACK, sequence=now, acknowledgment=visitor.expected + 5_000_000)
    elif case == 8:
        visitor.send(FIN | ACK, sequence=now + 3)
        time.sleep(0.08)
        visitor.send(ACK | PSH, b"gap")
        visitor.send(FIN | ACK)
        time.sleep(0.05)
        attempt(server.recv, 10)
        server.close()
        visitor.wait_for_fin()
        visitor.send(ACK)
        return
    time.sleep(0.05)
    _close_after(recording, visitor, server, case)


def _close_after(recording, visitor, server, case):
    server.close()
    if visitor.wait_for_fin() is None:
        recording.errors.append(f"case {case}: no FIN")
        return
    visitor.send(ACK)
    time.sleep(0.02)
    visitor.send(FIN | ACK)
    time.sleep(0.02)
    end = visitor.next
    if case == 9:
        visitor.send(RST, sequence=end, acknowledgment=0)
    elif case == 0:
        visitor.send(RST, sequence=end - 50_000, acknowledgment=0)
    elif case == 1:
        visitor.send(FIN | ACK, sequence=end - 1)
    time.sleep(0.01)


@workload("old-timestamps", count=40, delay=(0.002, 0.004))
def old_timestamps(recording, count):
    """PAWS: data, FINs and resets in sequence but with a timestamp of the past; only the
    reset counts"""
    listeners, peers = recording.listen_on_both(), raw_peers(recording)
    for i in range(count):
        clock = _Timestamps(1_000_000)
        visitor = Visitor(recording, peers, listeners, i, TIMESTAMP_OPTION + clock.option())
        if visitor.knock() is None:
            recording.errors.append(f"{i}: no SYN/ACK")
            continue
        visitor.send(ACK, options=clock.option(10))
        server = visitor.accepted()
        visitor.send(ACK | PSH, b"hello", options=clock.option(20))
        server.recv(10)
        time.sleep(0.03)
        _send_the_past(visitor, server, clock, i // 2 % 5)
    time.sleep(1)


class _Timestamps:
    """The timestamp option; the echo of zero is never checked for a segment in sequence."""

    def __init__(self, start):
        self.start = start

    def option(self, later=0):
        return b"\x01\x01\x08\x0a" + struct.pack(">II", self.start + later, 0)


def _send_the_past(visitor, server, clock, case):
    past, now = clock.option(-500_000), visitor.next
    if case == 0:
        visitor.send(FIN | ACK, sequence=now, options=past)
    elif case == 1:
        visitor.send(FIN | ACK | PSH, b"old data", sequence=now, options=past)
    elif case == 2:
        visitor.send(ACK | PSH, b"old data", sequence=now, options=past)
    elif case == 3:
        visitor.send(RST | ACK, sequence=now, options=past)
        time.sleep(0.05)
        server.close()
        return
    time.sleep(0.1)
    if case == 4:
        visitor.send(FIN | ACK, options=clock.option(200))
        time.sleep(0.05)
        server.close()
        visitor.wait_for_fin()
        visitor.send(ACK, options=clock.option(300))
        return
    server.close()
    visitor.wait_for_fin()
    if case == 2:
        visitor.send(ACK, options=past)  # an old ACK of the FIN does not count either
        time.sleep(0.05)
    visitor.send(ACK, options=clock.option(200))
    time.sleep(0.02)
    visitor.send(FIN | ACK, options=clock.option(210))
