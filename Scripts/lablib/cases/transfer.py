"""What goes wrong while a connection is open."""

import socket
import time

from ..conversation import (
    exchange,
    fill,
    keep_alive,
    read_to_end,
    stop_sending,
)
from ..scenes import SMALL
from .registry import case, drop_host, listeners, plain, rest


def stall_server(recording):
    opened = listeners(recording, receive_buffer=4096)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        fill(client)
        recording.keep(client, server)

    recording.in_parallel(3, talk)
    recording.background()


STALL = "The server's program does not read: its window stays closed."
case("zero-window-at-server", [("zero-window-stall", "server")], ("client", "server"), **rest(7))(
    plain(stall_server, STALL)
)
case("zero-window-lossy", [("zero-window-stall", "server")], ("middle",), loss=0.03, **rest(8))(
    plain(stall_server, STALL)
)


@case("zero-window-at-client", [("zero-window-stall", "client")], ("server", "middle"))
def stall_client(recording):
    """The client's program reads nothing for five seconds, then goes on and closes."""
    opened = listeners(recording)

    def talk(i, version):
        client = recording.client(version)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(opened[version].address)
        server = opened[version].accepted(client.getsockname())
        fill(server)
        time.sleep(5)
        stop_sending(server)
        read_to_end(client)
        client.close()
        server.close()

    recording.in_parallel(2, talk)
    recording.background()


def probe_the_gone(recording):
    opened = listeners(recording)
    gone = {4: recording.network.add_address("client", 4, 66)}
    gone[6] = recording.network.add_address("client", 6, 66)
    for i in range(3):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version, address=gone[version])
        exchange(*pair, **SMALL)
        keep_alive(pair[1], 1, 1, 5)
        recording.keep(*pair)
    recording.background()
    drop_host(recording, gone)


PROBES = "The clients' host is gone: the server's keepalives are not answered, then it gives up."
case("keepalive-failed", [("keepalive-failed", "path")], ("server", "middle"), **rest(9))(
    plain(probe_the_gone, PROBES)
)
case("keepalive-failed-lossy", [("keepalive-failed", "path")], ("server",), loss=0.03, **rest(9))(
    plain(probe_the_gone, PROBES)
)


def send_to_the_gone(recording):
    opened = listeners(recording)
    gone = {4: recording.network.add_address("client", 4, 66)}
    gone[6] = recording.network.add_address("client", 6, 66)
    pairs = []
    for i in range(3):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version, address=gone[version])
        exchange(*pair, **SMALL)
        pairs.append(pair)
        recording.keep(*pair)
    recording.background()
    drop_host(recording, gone)
    for _, server in pairs:
        server.sendall(b"is anybody there?")


GONE = "The clients' host vanishes under data: it is sent again and again, doubling the pause."
DEATH = [("retransmit-until-death", "path")]
case("retransmit-until-death", DEATH, ("server", "middle"), **rest(29))(
    plain(send_to_the_gone, GONE)
)
case("retransmit-until-death-lossy", DEATH, ("server",), loss=0.03, **rest(29))(
    plain(send_to_the_gone, GONE)
)
