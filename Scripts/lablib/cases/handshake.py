"""Handshakes that fail, floods and scans."""

import socket
import threading
import time

from ..conversation import (
    attempt,
    close_in_turn,
    exchange,
)
from ..forwarder import Path
from ..packets import MSS_OPTION, SYN
from ..scenes import drop_at
from .registry import OTHER, SERVICE, case, listeners, plain, rest


def call_closed_port(recording):
    def call(i, version):
        client = recording.client(version)
        attempt(client.connect, (recording.address("server", version), SERVICE))
        client.close()

    recording.in_parallel(5, call)
    recording.background()


case("refused", [("refused", "server")], ("client", "server"))(
    plain(call_closed_port, "Nobody listens: SYNs are answered by RST.")
)
case("refused-lossy", [("refused", "server")], ("middle",), loss=0.05)(
    plain(call_closed_port, "Nobody listens, and the path loses segments.")
)


def call_filtered_port(recording):
    drop_at(recording.hosts["server"], ("input", f"tcp dport {SERVICE}"))
    kept = []

    def call(i, version):
        client = recording.client(version)
        client.settimeout(8)
        kept.append(client)
        attempt(client.connect, (recording.address("server", version), SERVICE))

    recording.in_parallel(4, call)
    recording.background()
    recording.keep(*kept)


FILTERED = "A filter drops the SYNs: they are repeated and never answered."
case("syn-filtered", [("syn-filtered", "path")], ("client", "middle"))(
    plain(call_filtered_port, FILTERED)
)
case("syn-filtered-lossy", [("syn-filtered", "path")], ("client",), loss=0.05)(
    plain(call_filtered_port, FILTERED)
)


def return_path(recording):
    opened = listeners(recording)
    drop_at(
        recording.hosts["client"],
        ("input", f"tcp sport {SERVICE} tcp flags & (syn|ack) == syn|ack"),
    )

    def call(i, version):
        client = recording.client(version)
        client.settimeout(8)
        attempt(client.connect, opened[version].address)
        recording.keep(client)

    recording.in_parallel(3, call)
    recording.background()


case("syn-recv-stuck", [("syn-recv-stuck", "path")], ("server", "middle"))(
    plain(return_path, "SYN,ACKs do not reach the clients, which repeat their SYNs.")
)


@case("syn-recv-spoofed", [("syn-recv-stuck", "client")], ("server", "middle"), **rest(9))
def syn_recv_spoofed(recording):
    """A few SYNs from an address where nobody is: the SYN,ACKs are never answered."""
    listeners(recording)
    for i in range(4):
        version = 6 if i % 2 else 4
        number = recording.random.getrandbits(32)
        port = recording.client_port()
        peer = recording.raw_peer(version)
        peer.send(port, SERVICE, number, 0, SYN, options=MSS_OPTION)
        time.sleep(0.2)
    recording.background()


def full_queue(recording, spread=0.5):
    opened = recording.socket("server", 4)
    opened.bind((recording.address("server", 4), SERVICE))
    opened.listen(1)
    ends = []

    def call(i, _):
        client = recording.client(4)
        client.settimeout(9)
        attempt(client.connect, opened.getsockname())
        ends.append(client)
        attempt(client.sendall, b"a request, early")

    recording.in_parallel(9, call, spread)
    recording.background()
    recording.keep(opened, *ends)


def full_queue_at_once(recording):
    full_queue(recording, 0.0)


def full_queue_in_waves(recording):
    """Two bursts: the first fills the queue, the second is in the middle of its handshake then."""
    opened = recording.socket("server", 4)
    opened.bind((recording.address("server", 4), SERVICE))
    opened.listen(6)
    ends = []

    def call(i, _):
        client = recording.client(4)
        client.settimeout(5)
        attempt(client.connect, opened.getsockname())
        ends.append(client)
        attempt(client.sendall, b"a request, early")

    recording.in_parallel(6, call, 0.0)
    time.sleep(0.5)
    recording.in_parallel(6, call, 0.0)
    recording.background()
    recording.keep(opened, *ends)


QUEUE = "The program does not accept: its queue is full, the last ACK of handshakes is ignored."
FULL = [("accept-queue-full", "server")]
SYNS = "The program does not accept: its queue is full, and new SYNs are not answered."
BURST = {"path": lambda seed: Path(seed, (0.05, 0.06))}
LOSSY_BURST = {"path": lambda seed: Path(seed, (0.05, 0.06), loss=0.03)}
case("accept-queue-full", FULL, ("server", "middle"), **BURST, **rest(3))(
    plain(full_queue_at_once, QUEUE)
)
case("accept-queue-full-lossy", FULL, ("server",), **LOSSY_BURST, **rest(3))(
    plain(full_queue_at_once, QUEUE)
)
NO_COOKIES = {"net.ipv4.tcp_syncookies": 0}
case(
    "accept-queue-waves", FULL, ("server", "client"), server_sysctls=NO_COOKIES, **BURST, **rest(7)
)(plain(full_queue_in_waves, QUEUE))
case("accept-queue-syns", FULL, ("server", "client"), **rest(3))(
    plain(lambda recording: full_queue(recording), SYNS)
)
case(
    "accept-queue-abort",
    FULL,
    ("server", "client"),
    **BURST,
    server_sysctls={"net.ipv4.tcp_abort_on_overflow": 1, **NO_COOKIES},
)(
    plain(
        full_queue_in_waves,
        "The accept queue is full: the server's kernel aborts what overflows.",
    )
)


def flood(recording):
    opened = listeners(recording)
    addresses = []
    for tail in range(100, 140):
        address = f"{recording.network.prefix4}.1.{tail}"
        recording.network._know_neighbour("server", address, recording.network.hardware["client"])
        addresses.append(address)
    client = recording.hosts["client"]
    drop_at(client, ("input", f"ip daddr {addresses[0]}-{addresses[-1]}"))
    peer = recording.raw_peer(4)
    for i in range(160):
        peer.own = socket.inet_aton(addresses[i * 7 % len(addresses)])
        number = recording.random.getrandbits(32)
        peer.send(30000 + i, SERVICE, number, 0, SYN, options=MSS_OPTION)
        time.sleep(0.02)
    client, server = recording.connect(opened[4], 4)
    close_in_turn(client, server)


FLOOD = "Many SYNs from many addresses, none of which completes its handshake."
case("syn-flood", [("syn-flood", "client")], ("server",), snapshot_length=60)(plain(flood, FLOOD))
case("syn-flood-lossy", [("syn-flood", "client")], ("middle",), loss=0.05, snapshot_length=60)(
    plain(flood, FLOOD)
)


def scan(recording):
    listener = recording.listen(4, OTHER)
    for port in range(1000, 1060):
        client = recording.client(4)
        attempt(client.connect, (recording.address("server", 4), port))
        client.close()
    close_in_turn(*recording.connect(listener, 4))


case("port-scan", [("port-scan", "client")], ("client", "server"), snapshot_length=60)(
    plain(scan, "One source tries port after port.")
)


@case("self-connect", [("self-connect", "client")], ("client",), topology="loopback")
def self_connect(recording):
    """A client is given the very port it calls, and is connected to itself."""
    for version in (4, 6):
        end = recording.socket("client", version)
        name = (recording.address("client", version), recording.port())
        end.bind(name)
        end.connect(name)
        end.sendall(b"hello, me")
        end.recv(100)
        recording.keep(end)


@case(
    "simultaneous-open",
    [("simultaneous-open", None)],
    ("middle", "client"),
    path=lambda seed: Path(seed, (0.02, 0.02)),
)
def simultaneous_open(recording):
    """Both ends call each other at the same moment: legal, and one connection."""
    for i in range(3):
        version = 6 if i % 2 else 4
        ports = (recording.client_port(), recording.port())
        client = recording.client(version, ports[0])
        server = recording.socket("server", version)
        server.bind((recording.address("server", version), ports[1]))
        call = threading.Thread(target=attempt, args=(client.connect, server.getsockname()[:2]))
        call.start()
        attempt(server.connect, client.getsockname()[:2])
        call.join()
        time.sleep(0.1)
        attempt(exchange, client, server, 1, 300)
        recording.keep(client, server)
