"""Captures that must give no alarm."""

import threading
import time

from .. import boxes
from ..conversation import (
    close_in_turn,
    exchange,
    fill,
    keep_alive,
    read_to_end,
    stop_sending,
)
from ..forwarder import Path
from ..scenes import SMALL
from .registry import case, listeners, only_from, plain, rest


@case("trap-ends-early", (), ("server", "client", "middle"), **rest(0.0))
def trap_ends_early(recording):
    """The capture ends while thirty connections are being closed in the ordinary way."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.close()
        recording.keep(server)

    recording.in_parallel(30, talk, 0.6)


def busy(recording, count=30, spread=3.0):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, 1 + i % 3, 200)
        time.sleep(0.05 * (i % 7))
        if i % 10 == 9:
            recording.keep(client, server)
            return
        first, second = (client, server) if i % 3 else (server, client)
        close_in_turn(first, second)

    recording.in_parallel(count, talk, spread)


case("trap-busy-server", (), ("server", "client"), snapshot_length=66)(
    plain(busy, "A busy server where everything is as it should be.")
)
case("trap-busy-lossy", (), ("server", "middle"), loss=0.05, snapshot_length=66, **rest(6))(
    plain(busy, "The same over a path that loses segments.")
)
ONE_WAY = [("asymmetric-or-one-way", "capture")]
case(
    "trap-client-only",
    ONE_WAY,
    ("server",),
    keeps=only_from("client"),
    endings={"unanswered": 0},
    snapshot_length=66,
)(plain(lambda recording: busy(recording, 12), "Only the clients' direction was captured."))
case("trap-server-only", ONE_WAY, ("client",), keeps=only_from("server"), snapshot_length=66)(
    plain(lambda recording: busy(recording, 12), "Only the servers' direction was captured.")
)


def duplicated(seed):
    return Path(seed, (0.003, 0.006), duplicates=1.0)


case("trap-duplicates-on-path", (), ("middle", "client"), path=duplicated, snapshot_length=66)(
    plain(lambda recording: busy(recording, 12), "The path delivers every segment twice.")
)
case(
    "trap-duplicates",
    (),
    ("middle",),
    path=lambda seed: boxes.TwiceTapped(seed),
    snapshot_length=66,
)(plain(lambda recording: busy(recording, 12), "Every segment goes past the tap twice."))
case("trap-any-interface", (), ("client",), topology="router", interface="any", snapshot_length=66)(
    plain(lambda recording: busy(recording, 15), "Captured on all interfaces at once.")
)


def transfer(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        received = threading.Thread(target=read_to_end, args=(server,))
        received.start()
        for _ in range(10):
            client.sendall(b"z" * 60000)
        client.close()
        received.join()
        server.close()

    recording.in_parallel(2, talk)


case("trap-offload", (), ("client", "server"), topology="router", snapshot_length=66)(
    plain(transfer, "Segments of up to 64 KiB, cut up and joined by the network cards.")
)
case("trap-loopback", (), ("client",), topology="loopback", snapshot_length=66)(
    plain(lambda recording: busy(recording, 20), "Both ends on one host.")
)


@case("trap-late-start", (), ("server", "client"), starts_late=True, snapshot_length=66)
def trap_late_start(recording):
    """The capture begins in the middle of connections that then end as they should."""
    opened = listeners(recording)
    pairs = []
    for i in range(10):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version)
        exchange(*pair, **SMALL)
        pairs.append(pair)
    recording.start_capture()

    def go_on(i, _):
        client, server = pairs[i]
        exchange(client, server, 2, 300)
        first, second = (client, server) if i % 2 else (server, client)
        close_in_turn(first, second)

    recording.in_parallel(10, go_on)


@case("trap-idle-pool", (), ("server", "client"))
def trap_idle_pool(recording):
    """A pool: idle for seconds at a time, keepalives answered, used again."""
    opened = listeners(recording)
    pairs = []
    for i in range(4):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        keep_alive(client, 2, 1, 3)
        exchange(client, server, **SMALL)
        pairs.append((client, server))
    for _ in range(2):
        time.sleep(7)
        for pair in pairs:
            exchange(*pair, **SMALL)
    for pair in pairs:
        recording.keep(*pair)


@case("trap-slow-reader", (), ("server", "client"))
def trap_slow_reader(recording):
    """A reader that pauses for less than a second: windows close and open again."""
    opened = listeners(recording, receive_buffer=4096)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        fill(client)
        time.sleep(0.4)
        stop_sending(client)
        read_to_end(server)
        server.close()
        read_to_end(client)
        client.close()

    recording.in_parallel(2, talk)


@case("trap-slow-answer", (), ("server", "client"))
def trap_slow_answer(recording):
    """The client half-closes at once and the server thinks for three seconds before it answers."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        client.sendall(b"think about this")
        stop_sending(client)
        read_to_end(server)
        time.sleep(3)
        server.sendall(b"r" * 800)
        server.close()
        read_to_end(client)
        client.close()

    recording.in_parallel(5, talk)
