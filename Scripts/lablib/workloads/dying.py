"""Hosts, programs and paths that die: timers that give up, power loss, SIGKILL."""

import signal
import socket
import subprocess
import sys
import time

from ..conversation import (
    attempt,
    exchange,
    fill,
    forget,
    keep_alive,
    read_to_end,
    stop_sending,
)
from ..forwarder import TO_CLIENT, TO_SERVER, NarrowPath
from .registry import workload

PATIENT_PROGRAM = """
import socket, sys, time
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
ends = []
for number in range(int(sys.argv[3])):
    end = socket.socket(family, socket.SOCK_STREAM)
    end.connect((sys.argv[1], int(sys.argv[2])))
    end.sendall(b"h" * 50)
    ends.append(end)
print("ready", flush=True)
time.sleep(60)
"""


def connected(recording, count, spread=1):
    """Connections that have talked: [(index, client, server)], in the order of the index."""
    listeners, pairs = recording.listen_on_both(), []

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        pairs.append((i, client, server))

    recording.in_parallel(count, talk, spread)
    return sorted(pairs, key=lambda pair: pair[0])


def close_all(pairs):
    for _, client, server in pairs:
        attempt(client.close)
        attempt(server.close)


def limit_patience(end, seconds):
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


@workload("user-timeout", count=40)
def user_timeout(recording, count):
    """TCP_USER_TIMEOUT on a dead path: with data, with a FIN, with a keepalive, behind a
    zero window; for half of the connections only one way is dead"""
    pairs = connected(recording, count)
    for i, client, server in pairs:
        limit_patience(client, 1.5)
        limit_patience(server, 2.5)
        if i // 2 % 5 == 2:
            keep_alive(client, idle=1, interval=1, count=9)
        elif i // 2 % 5 == 3:
            fill(client)
    time.sleep(0.3)
    recording.cut_path(*[(), (TO_CLIENT,), (TO_SERVER,)][recording.seed % 3])
    for i, client, server in pairs:
        case = i // 2 % 5
        if case == 0:
            client.sendall(b"lost")
        elif case == 1:
            stop_sending(client)
        elif case == 4:
            server.sendall(b"lost")
            server.close()
    time.sleep(7)
    recording.heal_path()
    for i, client, server in pairs:
        if i % 2:
            attempt(server.sendall, b"hello?")
        else:
            attempt(client.sendall, b"hello?")
    time.sleep(1)
    close_all(pairs)
    time.sleep(1)


def keepalive_death(recording, count, *directions):
    pairs = connected(recording, count)
    for i, client, server in pairs:
        prober, other = (client, server) if i & 2 else (server, client)
        keep_alive(prober, idle=1, interval=1, count=3)
        if i % 16 >= 8:
            stop_sending(other if i & 4 else prober)
    time.sleep(1.5)
    recording.cut_path(*directions)
    time.sleep(7)
    recording.heal_path()
    for i, client, server in pairs:
        if i % 3 == 1:
            attempt((server if i & 2 else client).sendall, b"zombie")
    time.sleep(1)
    close_all(pairs)
    time.sleep(1)


@workload("keepalive-death", count=32)
def keepalive_death_both_ways(recording, count):
    """keepalives give up on a path that is dead both ways; half of the connections half-closed"""
    keepalive_death(recording, count)


@workload("keepalive-death-to-server", count=32)
def keepalive_death_to_server(recording, count):
    """keepalives on a path that is dead towards the server only"""
    keepalive_death(recording, count, TO_SERVER)


@workload("keepalive-death-to-client", count=32)
def keepalive_death_to_client(recording, count):
    """keepalives on a path that is dead towards the client only"""
    keepalive_death(recording, count, TO_CLIENT)


@workload("host-returns", count=48)
def host_returns(recording, count):
    """the client's host loses power without a packet and comes back: the server probes,
    sends, closes, or meets a new connection on the old tuple"""
    listeners, pairs = recording.listen_on_both(), []

    def talk(i, version):
        port = recording.client_port()
        client, server = recording.connect(listeners[version], version, port=port)
        exchange(client, server)
        if i // 2 % 6 == 5:
            stop_sending(server)
        pairs.append((i, version, port, client, server))

    recording.in_parallel(count, talk, 1)
    time.sleep(0.2)
    recording.cut_path()
    for i, _, _, client, server in pairs:
        forget(client)
        if i // 2 % 6 == 1:
            server.sendall(b"lost")
        elif i // 2 % 6 == 2:
            server.close()
    time.sleep(1.5)
    recording.heal_path()

    def go_on(position, _):
        i, version, port, _, server = pairs[position]
        case = i // 2 % 6
        if case == 0:
            attempt(server.sendall, b"welcome back")
            time.sleep(0.3)
        elif case == 3:
            keep_alive(server, idle=1, interval=1, count=3)
            time.sleep(2.5)
        elif case in (4, 5):
            again = recording.client(version, port)
            attempt(again.connect, listeners[version].address)
            accepted = attempt(listeners[version].accepted, again.getsockname(), 3)
            if not isinstance(accepted, OSError):
                exchange(again, accepted)
                accepted.close()
                attempt(read_to_end, again)
            again.close()
        time.sleep(1)
        attempt(server.close)

    recording.in_parallel(len(pairs), go_on, 1)
    time.sleep(2)


@workload("killed", count=24)
def killed(recording, count):
    """a program with several connections gets SIGKILL: some hold data that nobody read"""
    listeners = recording.listen_on_both()
    host = recording.hosts["client"]

    def run(i, version):
        listener = listeners[version]
        arguments = [*map(str, listener.address), "3"]
        program = host.start(
            sys.executable, "-c", PATIENT_PROGRAM, *arguments, stdout=subprocess.PIPE, text=True
        )
        program.stdout.readline()
        servers = take_accepted(listener, 3)
        if i // 2 % 3 == 0:
            servers[0].sendall(b"unread" * 50)
        elif i // 2 % 3 == 1:
            stop_sending(servers[0])
        fill(servers[1])
        time.sleep(0.2)
        program.send_signal(signal.SIGKILL)
        program.wait()
        time.sleep(0.3)
        for server in servers:
            attempt(server.recv, 100)
            attempt(server.close)

    recording.in_parallel(count // 3, run, 2)
    time.sleep(1)


def take_accepted(listener, count):
    """The next `count` accepted connections, whoever called."""
    taken, deadline = [], time.monotonic() + 10
    while len(taken) < count and time.monotonic() < deadline:
        taken += listener.take(count - len(taken))
        time.sleep(0.01)
    return taken


@workload("mtu-hole", count=24, path=lambda recording: NarrowPath(recording.seed, 900))
def mtu_hole(recording, count):
    """what is larger than 900 bytes vanishes: handshakes and small requests pass, long
    answers never do, and somebody gives up"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server, size=200)
        case = i // 2 % 4
        limit_patience(server, 3)
        server.sendall(b"L" * 8000)
        if case == 0:
            time.sleep(5)
            client.close()
        elif case == 1:
            server.close()
            time.sleep(1.5)
            client.close()
        elif case == 2:
            stop_sending(client)
            time.sleep(4.5)
            client.close()
        else:
            time.sleep(0.7)
            client.close()
        time.sleep(0.5)
        attempt(server.close)

    recording.in_parallel(count, talk, 2)
    time.sleep(4)
