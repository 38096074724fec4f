"""Captures that were begun after the trouble."""

import time

from .. import boxes
from ..conversation import close_in_turn, exchange, fill, keep_alive
from ..scenes import SMALL, drop_at
from .registry import SERVICE, case, drop_host, listeners, only_from, rest

LATE = {"starts_late": True}
SILENT = {
    "asymmetric-or-one-way": "the ACK numbers never move, and other connections of the same"
    " hosts are seen both ways"
}


def pairs_with_the_gone(recording, count=3):
    """Established connections from an address of the client's that then vanishes."""
    opened = listeners(recording)
    gone = {version: recording.network.add_address("client", version, 66) for version in (4, 6)}
    pairs = []
    for i in range(count):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version, address=gone[version])
        exchange(*pair, **SMALL)
        recording.keep(*pair)
        pairs.append(pair)
    return pairs, gone


DEATH = [("retransmit-until-death|idle-timeout-blackhole|half-open", "path")]
AFTER = {"rivals": SILENT, **LATE, **rest(27)}


@case("late-retransmissions", DEATH, ("server", "middle"), **AFTER)
@case("late-retransmissions-lossy", DEATH, ("server",), loss=0.03, **AFTER)
def late_retransmissions(recording):
    """The capture begins a second after the clients' host has vanished: the server repeats
    the same data at doubling pauses, and nothing answers."""
    pairs, gone = pairs_with_the_gone(recording)
    drop_host(recording, gone)
    for _, server in pairs:
        server.sendall(b"is anybody there?")
    time.sleep(1)
    recording.start_capture()
    recording.background(4)


@case(
    "late-keepalives",
    [("keepalive-failed", "path")],
    ("server", "middle"),
    rivals=SILENT,
    **LATE,
    **rest(8),
)
def late_keepalives(recording):
    """The capture begins while the server's keepalives go unanswered; then it gives up."""
    pairs, gone = pairs_with_the_gone(recording)
    drop_host(recording, gone)
    for _, server in pairs:
        keep_alive(server, 1, 1, 6)
    time.sleep(1.5)
    recording.start_capture()
    recording.background(4)


@case(
    "late-fin",
    [("fin-wait-1-stuck|last-ack-stuck", "path")],
    ("server", "middle"),
    rivals={**SILENT, "retransmit-until-death": "what is repeated is a FIN without data"},
    **LATE,
    **rest(20),
)
def late_fin(recording):
    """The capture begins after the server's FIN, which is repeated and never acknowledged."""
    pairs, gone = pairs_with_the_gone(recording)
    drop_host(recording, gone)
    for _, server in pairs:
        server.close()
    time.sleep(1)
    recording.start_capture()
    recording.background(4)


@case(
    "late-zero-window",
    [("zero-window-stall", "server")],
    ("client", "server"),
    rivals={
        "keepalive-failed": "the probes are answered, with window 0",
        "retransmit-until-death": "every probe is acknowledged",
    },
    **LATE,
    **rest(16),
)
def late_zero_window(recording):
    """The capture begins when the server's window has long been closed: probes, and answers
    with window 0."""
    opened = listeners(recording, receive_buffer=4096)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        fill(client)
        recording.keep(client, server)

    recording.in_parallel(3, talk, 0.3)
    time.sleep(1)
    recording.start_capture()
    recording.background(4)


@case(
    "trap-late-one-way",
    [("asymmetric-or-one-way", "capture")],
    ("server", "client"),
    keeps=only_from("client"),
    rivals={"retransmit-until-death": "the ACK numbers move over data that the file lacks"},
    **LATE,
    snapshot_length=66,
)
def trap_late_one_way(recording):
    """Begun in the middle, and one direction only: the clients acknowledge what is not in
    the file."""
    opened = listeners(recording)
    pairs = []
    for i in range(8):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version)
        exchange(*pair, **SMALL)
        recording.keep(*pair)
        pairs.append(pair)
    recording.start_capture()
    for _ in range(4):
        for pair in pairs:
            exchange(*pair, 1, 400)
        time.sleep(0.5)


@case(
    "trap-late-keepalives",
    (),
    ("server", "middle"),
    rivals={"keepalive-failed": "every probe is answered", **SILENT},
    **LATE,
    snapshot_length=66,
)
def trap_late_keepalives(recording):
    """The capture begins in the middle of idle connections whose keepalives are answered."""
    opened = {4: recording.listen(4, SERVICE), 6: recording.listen(6, SERVICE)}
    for i in range(4):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        keep_alive(server, 1, 1, 4)
        recording.keep(client, server)
    time.sleep(1.5)
    recording.start_capture()
    time.sleep(7)


# Repeated, and yet received; not repeated, and yet lost


@case(
    "trap-copies-acknowledged",
    (),
    ("client", "middle"),
    path=lambda seed: boxes.DeafPath(
        seed, SERVICE, boxes.some_acknowledgments, delay=(0.003, 0.006)
    ),
    rivals={
        "retransmit-until-death": "every copy is acknowledged, the last one too",
        "half-open": "every copy is acknowledged, the last one too",
    },
    endings={"open": 3},
)
def trap_copies_acknowledged(recording):
    """Three ACKs of a client are lost behind the tap: the server sends the same bytes four
    times, then all is quiet and well."""
    opened = listeners(recording)
    recording.background(4)
    for i in range(3):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        server.sendall(b"repeat this")
        recording.keep(client, server)
    recording._rest(9)


@case(
    "late-fin-to-forgotten",
    [("last-ack-stuck", "path|server")],
    ("client", "middle"),
    server_sysctls={"net.ipv4.tcp_fin_timeout": 3},
    rivals={
        "retransmit-until-death": "what is repeated is a FIN without data",
        "idle-timeout-blackhole": "the server had closed before the silence",
        "fin-wait-1-stuck": "the server's FIN had been acknowledged before",
    },
)
def late_fin_to_forgotten(recording):
    """The server closed and has forgotten the connection, and its host says nothing to
    strangers; the client closes seconds later, and its FIN is not answered."""
    opened = listeners(recording)
    recording.background(4)
    clients = []
    for i in range(3):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        server.close()
        clients.append(client)
    time.sleep(5)
    drop_at(recording.hosts["server"], ("output", f"tcp sport {SERVICE} tcp flags rst"))
    for client in clients:
        client.close()
    recording._rest(9)


@case(
    "trap-window-opens-later",
    (),
    ("client", "middle"),
    path=lambda seed: boxes.AlteringBox(seed, boxes.closed_window_in_syn_ack, delay=(0.003, 0.006)),
    rivals={
        "zero-window-stall": "the window opens within half a second",
        "keepalive-failed": "the probes are answered",
        "retransmit-until-death": "all is acknowledged",
    },
)
def trap_window_opens_later(recording):
    """The SYN,ACK has window 0: the clients probe, and the window opens."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)

    recording.in_parallel(5, talk)
