"""Hosts and paths that fail, and programs that do not read."""

import time

from ..conversation import attempt, exchange, fill, keep_alive, read_to_end, stop_sending
from ..forwarder import BlackHole
from .registry import workload


@workload(
    "black-hole",
    count=24,
    sysctls={"net.ipv4.tcp_syn_retries": 2, "net.ipv4.tcp_synack_retries": 2},
    path=lambda recording: BlackHole(recording.seed),
)
def black_hole(recording, count):
    """two thirds of the SYNs get lost, of the rest all answers; some programs give up"""
    listeners = recording.listen_on_both()

    def call(i, version):
        client = recording.client(version)
        if i % 8 == 7:
            client.settimeout(1.5)
        attempt(client.connect, listeners[version].address)
        client.close()

    recording.in_parallel(count, call, 1.5)
    time.sleep(8)


@workload(
    "path-dies",
    count=30,
    sysctls={"net.ipv4.tcp_retries2": 4, "net.ipv4.tcp_orphan_retries": 3},
)
def path_dies(recording, count):
    """the path dies under established connections and heals 12 s later"""
    listeners = recording.listen_on_both()
    pairs = []

    def talk(i, version):
        pair = recording.connect(listeners[version], version)
        exchange(*pair, 2)
        pairs.append((i, *pair))

    recording.in_parallel(count, talk, 1)
    time.sleep(0.2)
    recording.cut_path()
    for i, client, server in pairs:
        case = i // 2 % 5
        if case == 0:
            client.sendall(b"lost")
        elif case == 1:
            server.sendall(b"lost")
        elif case == 2:
            client.close()
        elif case == 3:
            stop_sending(client)
    time.sleep(12)
    recording.heal_path()
    for i, client, server in pairs:
        case = i // 2 % 5
        if case in (0, 2, 3):
            attempt(server.sendall, b"hello?")
        elif case == 1:
            attempt(client.sendall, b"hello?")
        elif i % 4 == 0:
            exchange(client, server)
        time.sleep(0.02)
    time.sleep(1)
    for _, client, server in pairs:
        attempt(client.close)
        attempt(server.close)
    time.sleep(1)


@workload("keepalive", count=24)
def keepalive(recording, count):
    """keepalives on idle connections; then the peer is gone until they give up"""
    listeners = recording.listen_on_both()
    pairs = []

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        pairs.append((i, client, server))
        prober, other = (client, server) if i & 2 else (server, client)
        keep_alive(prober, idle=2, interval=1, count=3)
        if i % 16 >= 12:
            stop_sending(other)

    recording.in_parallel(count, talk, 1)
    time.sleep(7)
    for i, client, server in pairs:
        if i % 3 == 0:
            client.close()
            attempt(read_to_end, server)
            server.close()
    recording.cut_path()
    time.sleep(8)
    recording.heal_path()
    for i, client, server in pairs:
        if i % 3 == 1:
            attempt((server if i & 2 else client).sendall, b"zombie")
    time.sleep(1)
    for _, client, server in pairs:
        attempt(client.close)
        attempt(server.close)
    time.sleep(0.5)


@workload("zero-window", count=16)
def zero_window(recording, count):
    """the receiver does not read; later it does, closes, or leaves it at that; some
    senders close with their FIN stuck behind the window"""
    listeners = recording.listen_on_both(receive_buffer=4096)

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        fill(client)
        case = i // 2 % 4
        if case == 3:
            client.close()
        time.sleep(4)
        if case == 0:
            stop_sending(client)
            read_to_end(server)
            server.close()
            read_to_end(client)
            client.close()
        elif case == 1:
            server.close()
            time.sleep(0.3)
            client.close()
        elif case == 2:
            recording.keep(client, server)
        else:
            read_to_end(server)
            server.close()

    recording.in_parallel(count, talk, 1)
    time.sleep(1)
