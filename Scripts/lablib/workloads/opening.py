"""Opens: simultaneous, fast, deferred, cookies, full queues, sequence numbers that wrap."""

import select
import socket
import threading
import time

from ..conversation import (
    abort,
    attempt,
    close_in_turn,
    exchange,
    read_to_end,
    receive_exactly,
    start_sequence_at,
    stop_sending,
)
from ..packets import MSS_OPTION, SYN
from .closing import ordinary
from .registry import workload

TCP_DEFER_ACCEPT = 9
TCP_FASTOPEN_CONNECT = 30
MPTCP = 262


def open_from_both_sides(recording, version, pause=0.0, sequences=(None, None)):
    """Two sockets that connect to each other; returns them while they are at it."""
    client_port, server_port = recording.client_port(), recording.port()
    client = recording.client(version, client_port)
    server = recording.socket("server", version)
    server.bind((recording.address("server", version), server_port))
    for end, sequence in zip((client, server), sequences):
        if sequence is not None:
            start_sequence_at(end, sequence)
        end.setblocking(False)
    attempt(client.connect, (recording.address("server", version), server_port))
    time.sleep(pause)
    attempt(server.connect, (recording.address("client", version), client_port))
    return client, server


def until_open(*ends):
    for end in ends:
        select.select([], [end], [], 5)
        end.settimeout(30)


@workload("simultaneous-open", count=40, delay=(0.01, 0.02))
def simultaneous_open(recording, count):
    """both sides connect at once; some close while still in SYN_RECV"""

    def talk(i, version):
        client, server = open_from_both_sides(recording, version, 0.003 * (i % 3))
        if i % 8 == 6:
            time.sleep(0.018)
            client.close()
            time.sleep(0.5)
            server.close()
            return
        until_open(client, server)
        time.sleep(0.1)
        exchange(client, server)
        if i % 4 == 0:
            client.close()
            read_to_end(server)
            server.close()
        elif i % 4 == 1:
            server.close()
            read_to_end(client)
            client.close()
        elif i % 4 == 2:
            stop_sending(client)
            stop_sending(server)
            read_to_end(client)
            read_to_end(server)
            client.close()
            server.close()
        else:
            abort(client)
            time.sleep(0.1)
            server.close()

    recording.in_parallel(count, talk, 2)


@workload("sequence-wrap", count=48, delay=(0.005, 0.012))
def sequence_wrap(recording, count):
    """sequence numbers pass 2^32 at the SYN, in the data, or at the FIN; in a third of
    the connections, opened from both sides, in both directions"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        ahead = (0, 1, 2, 3, 100, 600, 601, 602, 2000)[i // 2 % 9]
        start = (2**32 - ahead) % 2**32 or 2**32 - 1
        if i % 3 == 2:
            client, server = open_from_both_sides(recording, version, 0, (start, start))
            until_open(client, server)
            time.sleep(0.1)
        else:
            client = recording.client(version, recording.client_port())
            start_sequence_at(client, start)
            client.connect(listeners[version].address)
            server = listeners[version].accepted(client.getsockname())
        exchange(client, server, 2, size=300)
        first, second = (client, server) if i & 4 else (server, client)
        if i % 8 == 7:
            abort(first)
            time.sleep(0.1)
            second.close()
        else:
            close_in_turn(first, second)

    recording.in_parallel(count, talk, 2)


@workload(
    "fast-open",
    count=40,
    delay=(0.005, 0.015),
    sysctls={"net.ipv4.tcp_fastopen": 3, "net.ipv4.tcp_no_metrics_save": 0},
)
def fast_open(recording, count):
    """a cookie, then data on the SYN; the server answers or closes before the last ACK"""
    listeners = recording.listen_on_both(fast_open=64)

    def talk(i, version):
        client = recording.client(version)
        client.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
        client.connect(listeners[version].address)
        client.sendall(b"Q" * 200)
        server = listeners[version].accepted(client.getsockname())
        receive_exactly(server, 200)
        server.sendall(b"R" * 500)
        if i % 8 == 2:
            stop_sending(client)  # in SYN_SENT: the kernel gives the connection up
            time.sleep(0.1)
            client.close()
            server.close()
            return
        if i % 8 == 6:
            receive_exactly(client, 1)
            stop_sending(client)
            receive_exactly(client, 499)
        if i % 4 in (0, 3):
            if i % 4 == 3:
                receive_exactly(client, 500)
            server.close()
            read_to_end(client)
            client.close()
        else:
            if i % 4 == 1:
                receive_exactly(client, 500)
                client.close()
            read_to_end(server)
            server.close()
            if i % 4 == 2:
                read_to_end(client)
                client.close()

    talk(0, 4)
    talk(1, 6)
    time.sleep(0.2)
    recording.in_parallel(count, talk, 2)


@workload("multipath", count=30)
def multipath(recording, count):
    """MPTCP at both ends; a third of the servers speak plain TCP"""
    multi, plain = recording.listen_on_both(protocol=MPTCP), recording.listen_on_both()

    def talk(i, version):
        listener = (multi if i % 3 else plain)[version]
        first, second = recording.connect(listener, version, protocol=MPTCP)
        exchange(first, second, 2)
        if i & 1 and i % 4:
            first, second = second, first
        close_in_turn(first, second)

    recording.in_parallel(count, talk, 2)
    time.sleep(0.5)


@workload("syn-cookies", count=40, server_sysctls={"net.ipv4.tcp_syncookies": 2})
def syn_cookies(recording, count):
    """cookies for every SYN: the server keeps nothing until the third segment"""
    listeners = recording.listen_on_both()
    peers = {version: recording.raw_peer(version) for version in (4, 6)}
    for i in range(10):
        version = 6 if i % 2 else 4
        port, number = recording.client_port(), recording.random.getrandbits(32)
        peers[version].send(port, listeners[version].port, number, 0, SYN, options=MSS_OPTION)
        time.sleep(0.01)

    def talk(i, version):
        ordinary(recording, listeners, version, "client" if i & 2 else "server")

    recording.in_parallel(count, talk, 2)
    time.sleep(3)


@workload("accept-queue-full", count=24, server_sysctls={"net.ipv4.tcp_synack_retries": 3})
def accept_queue_full(recording, count):
    """the third segment is ignored: ESTABLISHED at the client, SYN_RECV at the server;
    accepted seconds later"""
    listening = {}
    for version in (4, 6):
        listening[version] = recording.socket("server", version)
        listening[version].bind((recording.address("server", version), recording.port()))
        listening[version].listen(4)
        listening[version].settimeout(4)
    ends = []

    def call(i, version):
        client = recording.client(version)
        client.settimeout(12)
        attempt(client.connect, listening[version].getsockname()[:2])
        ends.append(client)
        if i % 3 == 0:
            attempt(client.sendall, b"early data")
        elif i % 3 == 1:
            time.sleep(0.5)
            attempt(stop_sending, client)

    calls = threading.Thread(target=recording.in_parallel, args=(count, call, 0.5))
    calls.start()
    time.sleep(3)
    for version in (4, 6):
        while not isinstance(accepted := attempt(listening[version].accept), OSError):
            ends.append(accepted[0])
    calls.join()
    time.sleep(4)
    for end in [*ends, *listening.values()]:
        attempt(end.close)
    time.sleep(0.5)


@workload("deferred-accept", count=24, server_sysctls={"net.ipv4.tcp_synack_retries": 3})
def deferred_accept(recording, count):
    """TCP_DEFER_ACCEPT: SYN_RECV until data comes, or until a timer ends it"""
    defer = (socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 3)
    listeners = recording.listen_on_both(options=[defer])

    def talk(i, version):
        client = recording.client(version)
        client.connect(listeners[version].address)
        time.sleep([0.1, 1.5, 9][i // 2 % 3])
        attempt(client.sendall, b"data")
        try:
            server = listeners[version].accepted(client.getsockname(), timeout=6)
        except TimeoutError:
            client.close()
            return
        attempt(server.recv, 10)
        first, second = (client, server) if i & 1 else (server, client)
        first.close()
        read_to_end(second)
        second.close()

    recording.in_parallel(count, talk, 1)
    time.sleep(1)
