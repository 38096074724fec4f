"""Handshakes that take seconds, while others of the same service do not."""

import socket
import struct
import time

from .. import boxes
from ..conversation import attempt, close_in_turn, exchange
from ..forwarder import Path, PlannedPath
from ..scenes import SMALL
from .registry import SERVICE, case, listeners, plain, rest

TCP_MD5SIG = 14
IPPROTO_MPTCP = 262
GATEWAY = {"topology": "gateway"}
NOT_FULL = {
    "accept-queue-full": "other connections of the same port are served at once",
    "syn-filtered": "the repeated SYN is answered",
}
SLOW = "slow-handshake"


def calls(count, spread=2.0):
    """So many connections, each with a request, closed by the client."""

    def play(recording):
        opened = listeners(recording)

        def talk(i, version):
            client, server = recording.connect(opened[version], version)
            exchange(client, server, **SMALL)
            close_in_turn(client, server)

        recording.in_parallel(count + recording.random.randint(0, 6), talk, spread)

    return play


def planned(kind, every=4):
    plans = [{kind: 1}] + [{}] * (every - 1)
    return lambda seed: PlannedPath(seed, plans, delay=(0.003, 0.02))


case(
    "slow-syn-lost",
    [(SLOW, "path")],
    ("client",),
    path=planned("SYNc"),
    rivals={
        **NOT_FULL,
        "paws-behind-nat": "SYNs with older and newer time stamps are answered alike",
    },
)(
    plain(
        calls(20),
        "The first SYN of every fourth connection is lost; it is repeated a second later.",
    )
)
case(
    "slow-syn-lost-far",
    (),
    ("server",),
    path=planned("SYNc"),
    rivals={SLOW: "what was lost before the tap is not in the file"},
)(plain(calls(20), "The first SYN of every fourth connection is lost before the tap."))
case(
    "slow-syn-ack-lost",
    [(SLOW, "path")],
    ("client", "server"),
    path=planned("SYNACK"),
    rivals=NOT_FULL,
)(plain(calls(20), "The first SYN,ACK of every fourth connection is lost."))
case(
    "slow-lossy",
    [(SLOW, "path")],
    ("client",),
    path=lambda seed: PlannedPath(
        seed, [{"SYNc": 2}, {}, {"SYNc": 1}, {}, {}], delay=(0.01, 0.03), loss=0.02
    ),
    rivals=NOT_FULL,
)(plain(calls(25), "SYNs are lost once or twice on a path that loses other segments too."))
case(
    "slow-checksum",
    [(SLOW, "path|middlebox|client")],
    ("server", "middle"),
    path=lambda seed: boxes.AlteringBox(seed, boxes.broken_first_syn, delay=(0.003, 0.006)),
    rivals=NOT_FULL,
    not_said=("syn-queue-drop",),
)(plain(calls(18), "The first SYN of every third connection has a wrong checksum: it is dropped."))


def at_gateway(count, *rules, spread=2.0):
    """The same calls with a rule set at the gateway."""

    def play(recording):
        head = ("table inet box {", "chain way { type filter hook forward priority 0;")
        recording.network.rules("gateway", *head, *rules, "}", "}")
        calls(count, spread)(recording)

    return play


LIMIT = "tcp flags & (syn | ack) == syn limit rate over 4/second burst 5 packets drop"
case(
    "slow-rate-limit",
    [(SLOW, "middlebox|path")],
    ("client",),
    rivals=NOT_FULL,
    **GATEWAY,
    **rest(2),
)(
    plain(
        at_gateway(20, LIMIT, spread=1.0),
        "A gateway lets a few SYNs through per second and drops the others.",
    )
)


@case(
    "slow-ecn",
    [(SLOW, "middlebox|path")],
    ("client",),
    rivals={**NOT_FULL, "refused": "no RST"},
    **GATEWAY,
)
def slow_ecn(recording):
    """A box drops SYNs that ask for ECN; the kernel repeats them without after a second. SYNs
    that do not ask get through at once."""
    drop = "tcp flags & (syn | ack | ecn | cwr) == syn | ecn | cwr drop"
    head = ("table inet box {", "chain way { type filter hook forward priority 0;")
    recording.network.rules("gateway", *head, drop, "}", "}")
    for setting in (0, 1, 0):
        recording.hosts["client"].sysctl("net.ipv4.tcp_ecn", setting)
        again(recording, 5)


def again(recording, count):
    """Connections in parallel to the same two listeners each time."""
    if not hasattr(recording, "opened"):
        recording.opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(recording.opened[version], version)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)

    recording.in_parallel(count, talk, 0.5)


@case(
    "slow-fast-open",
    [(SLOW, "middlebox|path")],
    ("client",),
    rivals=NOT_FULL,
    sysctls={"net.ipv4.tcp_fastopen": 3},
    **GATEWAY,
)
def slow_fast_open(recording):
    """A box drops SYNs that carry data: fast open costs a second instead of saving a round
    trip. SYNs without data get through."""
    head = ("table inet box {", "chain way { type filter hook forward priority 0;")
    drop = "tcp flags & (syn | ack) == syn meta length > 140 drop"
    recording.network.rules("gateway", *head, drop, "}", "}")
    opened = {4: recording.listen(4, SERVICE, fast_open=20)}

    def talk(i, _):
        client = recording.client(4)
        client.settimeout(None)
        request = b"q" * 200
        client.sendto(request, socket.MSG_FASTOPEN, opened[4].address)
        server = opened[4].accepted(client.getsockname())
        taken = 0
        while taken < len(request):
            taken += len(server.recv(1000))
        server.sendall(b"r" * 300)
        client.recv(1000)
        close_in_turn(client, server)

    recording.in_parallel(1, talk, 0.0)
    recording.in_parallel(6, talk, 1.0)
    for _ in range(5):
        client, server = recording.connect(opened[4], 4)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)


@case(
    "slow-multipath",
    [(SLOW, "middlebox|path")],
    ("client",),
    rivals=NOT_FULL,
    **GATEWAY,
    **rest(1),
)
def slow_multipath(recording):
    """A box drops SYNs with the MPTCP option; the kernel gives the option up after two of
    them. SYNs without it get through."""
    head = ("table inet box {", "chain way { type filter hook forward priority 0;")
    drop = "tcp flags & (syn | ack) == syn tcp option 30 exists drop"
    recording.network.rules("gateway", *head, drop, "}", "}")
    opened = listeners(recording)

    def talk(i, version):
        protocol = IPPROTO_MPTCP if i < 4 else 0
        client, server = recording.connect(opened[version], version, protocol=protocol)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)

    recording.in_parallel(14, talk)


@case(
    "md5-other-key",
    [("syn-filtered", "client|server|path|nobody")],
    ("client", "server"),
    rivals={"accept-queue-full": "every SYN carries option 19, and none without it was tried"},
    not_said=({"text": "a filter drops them", "diagnosis": "syn-filtered", "grade": "proved"},),
    **rest(5),
)
def md5_other_key(recording):
    """The two ends of a routing session have different TCP-MD5 keys: the server's kernel
    drops each SYN without a word."""
    server = recording.socket("server", 4)
    server.bind((recording.address("server", 4), 179))
    set_key(server, recording.address("client", 4), b"theirs")
    server.listen(4)
    client = recording.client(4)
    set_key(client, recording.address("server", 4), b"ours")
    client.setblocking(False)
    attempt(client.connect, (recording.address("server", 4), 179))
    recording.background()
    recording.keep(server, client)


def set_key(end, peer, key):
    """struct tcp_md5sig: a sockaddr_storage, flags, prefix length, key length, interface, key."""
    name = struct.pack("=HH4s120x", socket.AF_INET, 0, socket.inet_aton(peer))
    value = name + struct.pack("=BBHi80s", 0, 0, len(key), 0, key)
    end.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, value)


# What is as slow and is none


case(
    "trap-long-path",
    (),
    ("client", "server"),
    path=lambda seed: Path(seed, (0.3, 0.4)),
    rivals={SLOW: "no SYN is repeated: every handshake takes one round trip of 0.7 s"},
)(plain(calls(10), "A path by satellite: every handshake takes 0.7 s, and none is repeated."))


@case(
    "trap-deferred-accept",
    (),
    ("server", "client"),
    rivals={
        "accept-queue-full": "the clients send nothing, and are served once they do",
        "syn-recv-stuck": "the ACK of each handshake is in the file",
    },
)
def trap_deferred_accept(recording):
    """TCP_DEFER_ACCEPT: the server waits for data and repeats its SYN,ACK though the ACK has
    come; the clients are silent for six seconds, then they are served."""
    option = (socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 10)
    opened = listeners(recording, options=(option,))

    def talk(i, version):
        client = recording.client(version)
        client.connect(opened[version].address)
        time.sleep(6 * (i % 2))
        client.sendall(b"at last")
        server = opened[version].accepted(client.getsockname())
        server.recv(100)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)

    recording.in_parallel(5, talk)
