"""How connections are closed, or are not."""

import time

from .. import boxes
from ..conversation import (
    attempt,
    exchange,
    forget,
    read_to_end,
    stop_sending,
)
from ..scenes import SMALL
from .registry import SERVICE, case, drop_host, listeners, plain, rest


def leak(count, held=True):
    """A listener whose program does not close after the client has."""

    def play(recording):
        opened = listeners(recording)

        def talk(i, version):
            client, server = recording.connect(opened[version], version)
            exchange(client, server, **SMALL)
            recording.keep(server)
            if i % 2 and held:
                stop_sending(client)
                recording.keep(client)
            else:
                client.close()

        recording.in_parallel(count, talk, 2)
        recording.background()

    return play


LEAK = "The clients have closed, the server's program does not: CLOSE_WAIT for more than a minute."
CLOSE_WAIT = [("close-wait-leak", "server")]
case("close-wait-leak", CLOSE_WAIT, ("server", "client", "middle"), **rest(64))(
    plain(leak(5), LEAK)
)
case("close-wait-leak-lossy", CLOSE_WAIT, ("client", "middle"), loss=0.05, **rest(64))(
    plain(leak(5), LEAK)
)
case("close-wait-leak-many", CLOSE_WAIT, ("server",), **rest(12))(
    plain(leak(24), "Two dozen sockets in CLOSE_WAIT at one service, for ten seconds.")
)


def held_by_client(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        stop_sending(server)
        recording.keep(client, server)

    recording.in_parallel(4, talk)
    recording.background()


HELD = "The server has closed its direction, the client's program does not follow for a minute."
case("fin-wait-2-held", [("fin-wait-2-held", "client")], ("server", "client"), **rest(64))(
    plain(held_by_client, HELD)
)
case("fin-wait-2-held-lossy", [("fin-wait-2-held", "client")], ("middle",), loss=0.05, **rest(64))(
    plain(held_by_client, HELD)
)


@case("fin-wait-2-expired", [("fin-wait-2-held", "client")], ("server", "client"))
def fin_wait_2_expired(recording):
    """The server closes; a minute later, when its orphaned FIN_WAIT2 is gone, the client
    sends and is answered by a RST."""
    opened = listeners(recording)
    kept = []

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        server.close()
        kept.append(client)

    recording.in_parallel(3, talk)
    recording.background()
    recording._rest(64)
    for client in kept:
        attempt(client.sendall, b"still there?")
        time.sleep(0.2)
        client.close()


def vanish_before_close(recording):
    opened = listeners(recording)
    gone = {4: recording.network.add_address("client", 4, 66)}
    gone[6] = recording.network.add_address("client", 6, 66)
    servers = []
    for i in range(4):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version, address=gone[version])
        exchange(*pair, **SMALL)
        servers.append(pair[1])
        recording.keep(*pair)
    recording.background()
    drop_host(recording, gone)
    for server in servers:
        server.close()


VANISH = "The clients' host is gone when the server closes: its FIN is never acknowledged."
FIN_WAIT_1 = [("fin-wait-1-stuck", "path")]
case("fin-wait-1-stuck", FIN_WAIT_1, ("server", "middle"), **rest(5))(
    plain(vanish_before_close, VANISH)
)


def deaf(is_lost):
    return lambda seed: boxes.DeafPath(seed, SERVICE, is_lost, delay=(0.003, 0.006))


@case(
    "fin-wait-1-deaf",
    FIN_WAIT_1,
    ("server", "middle"),
    path=deaf(boxes.acknowledgment_of_fin),
    **rest(5),
)
def fin_wait_1_deaf(recording):
    """The server's answers to the client's FIN are lost behind the tap."""
    opened = {4: recording.listen(4, SERVICE), 6: recording.listen(6, SERVICE)}

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        recording.keep(server)
        client.close()

    recording.in_parallel(4, talk)


def last_ack(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        close_at(client, server)

    def close_at(client, server):
        client.close()
        read_to_end(server)
        time.sleep(0.1)
        server.close()

    recording.in_parallel(4, talk)


LAST_ACK = "The last acknowledgment of the server's FIN never arrives: LAST_ACK, FIN repeated."
case(
    "last-ack-stuck",
    [("last-ack-stuck", "path")],
    ("server", "client", "middle"),
    path=deaf(boxes.last_acknowledgment),
    **rest(5),
)(plain(last_ack, LAST_ACK))


@case(
    "time-wait-pileup", [("time-wait-pileup", "client")], ("client", "server"), snapshot_length=66
)
def time_wait_pileup(recording):
    """A client without a pool: one short connection after another, closed by the client."""
    opened = recording.listen(4, SERVICE)
    for _ in range(120):
        client, server = recording.connect(opened, 4)
        client.close()
        read_to_end(server)
        server.close()


@case(
    "time-wait-at-server",
    [("time-wait-pileup", "server")],
    ("server",),
    loss=0.01,
    snapshot_length=66,
)
def time_wait_at_server(recording):
    """The server closes every short connection first and collects the TIME_WAITs."""
    opened = recording.listen(4, SERVICE)

    def talk(i, version):
        for _ in range(30):
            client, server = recording.connect(opened, 4)
            server.close()
            read_to_end(client)
            client.close()

    recording.in_parallel(4, talk)


@case(
    "port-reuse-collision",
    [("port-reuse-collision", "client")],
    ("server", "client", "middle"),
    **rest(3),
)
def port_reuse_collision(recording):
    """The client's host restarts and uses the same ports: its SYN meets ESTABLISHED."""
    opened = listeners(recording)
    for i in range(3):
        version = 6 if i % 2 else 4
        port = recording.client_port()
        client, server = recording.connect(opened[version], version, port=port)
        exchange(client, server, **SMALL)
        recording.keep(server)
        time.sleep(0.3)
        forget(client)
        time.sleep(0.3)
        again = recording.client(version, port)
        attempt(again.connect, opened[version].address)
        recording.keep(again)
    recording.background()


def restarted(recording):
    opened = listeners(recording)
    pairs = []
    for i in range(4):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version)
        exchange(*pair, **SMALL)
        pairs.append(pair)
    recording.background()
    time.sleep(2)
    for client, server in pairs:
        forget(server)
        time.sleep(0.1)
        attempt(client.sendall, b"are you there?")
        time.sleep(0.2)
        client.close()


RESTARTED = "The server has lost its sockets: it answers data on idle connections by RST."
HALF_OPEN = [("half-open-peer-restarted", "server")]
case("half-open-peer-restarted", HALF_OPEN, ("client", "server", "middle"))(
    plain(restarted, RESTARTED)
)
case("half-open-peer-restarted-lossy", HALF_OPEN, ("middle",), loss=0.04)(
    plain(restarted, RESTARTED)
)
