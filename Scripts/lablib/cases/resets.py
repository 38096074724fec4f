"""Connections that end by a RST of one end."""

import threading
import time

from .. import boxes
from ..conversation import (
    abort,
    attempt,
    close_in_turn,
    exchange,
    receive_exactly,
)
from ..forwarder import Path
from ..scenes import SMALL
from .registry import case, listeners, plain


@case("abort-by-client", [("abortive-close", "client")], ("server", "client"))
def abort_by_client(recording):
    """The client closes by RST, with nothing unread: linger 0."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        time.sleep(0.2)
        abort(client)
        time.sleep(0.1)
        server.close()

    recording.in_parallel(4, talk)
    recording.background()


def unread(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.sendall(b"never read" * 20)
        time.sleep(0.2)
        server.close()
        time.sleep(0.2)
        client.close()

    recording.in_parallel(4, talk)
    recording.background()


UNREAD = "The server closes with unread data in its queue: its kernel sends a RST."
case("abort-by-server-unread", [("abortive-close", "server")], ("client", "middle"))(
    plain(unread, UNREAD)
)
case("abort-by-server-lossy", [("abortive-close", "server")], ("server",), loss=0.05)(
    plain(unread, UNREAD)
)


@case("abort-while-sending", [("abortive-close", "client")], ("middle",))
def abort_while_sending(recording):
    """The client closes while the server still sends: the rest is answered by RST."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.close()
        for _ in range(3):
            attempt(server.sendall, b"r" * 500)
            time.sleep(0.1)
        server.close()

    recording.in_parallel(3, talk)
    recording.background()


def race(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        time.sleep(3)
        closer = threading.Timer(0.0, server.close)
        closer.start()
        time.sleep(0.015)
        attempt(client.sendall, b"GET / HTTP/1.1\r\n\r\n")
        time.sleep(0.5)
        client.close()

    recording.in_parallel(4, talk)
    recording.background()


RACE = "The server closes after 3 s of idleness while the client's next request is on its way."
SLOW = {"path": lambda seed: Path(seed, (0.05, 0.06))}
case("keepalive-race", [("keepalive-race", "client")], ("client", "server", "middle"), **SLOW)(
    plain(race, RACE)
)


@case(
    "rst-ignored",
    [("rst-ignored", "middlebox")],
    ("server", "middle"),
    path=lambda seed: boxes.StaleBox(seed, b"stale", delay=(0.003, 0.006)),
)
def rst_ignored(recording):
    """A RST with a number that is in the window but not the next one: the server answers it
    with a challenge ACK and the connection goes on."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.sendall(b"a stale word")
        receive_exactly(server, 12)
        time.sleep(0.5)
        exchange(client, server, 2, **SMALL)
        close_in_turn(client, server)

    recording.in_parallel(3, talk)
