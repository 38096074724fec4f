"""Captures that were begun after the trouble."""

import time

from ..conversation import exchange, fill, keep_alive
from ..scenes import SMALL
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


@case(
    "late-retransmissions",
    [("retransmit-until-death|idle-timeout-blackhole|half-open", "path")],
    ("server", "middle"),
    rivals=SILENT,
    **LATE,
    **rest(27),
)
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
