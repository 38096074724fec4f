"""Connections that end by a reset, or never begin because of one."""

import time

from ..conversation import abort, attempt, exchange, stop_sending
from .registry import workload


@workload("aborts", count=60)
def aborts(recording, count):
    """an abort by either side: established, half-closed, with data in flight"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        first, second = recording.connect(listeners[version], version)
        exchange(first, second)
        time.sleep(recording.random.random() * 0.1)
        if i & 2:
            first, second = second, first
        case = i // 4 % 4
        if case == 1:
            stop_sending(second)
            time.sleep(0.05)
        elif case == 2:
            stop_sending(first)
            time.sleep(0.05)
        elif case == 3:
            first.sendall(b"x" * 5000)
        abort(first)
        time.sleep(0.1)
        attempt(second.recv, 10)
        second.close()

    recording.in_parallel(count, talk, 2)


@workload("unread-data", count=40)
def unread_data(recording, count):
    """a close with unread data sends a reset"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        first, second = recording.connect(listeners[version], version)
        exchange(first, second)
        if i & 2:
            first, second = second, first
        first.sendall(b"u" * 1000)
        time.sleep(0.05)
        if i % 8 >= 4:
            stop_sending(first)
            time.sleep(0.05)
        second.close()
        time.sleep(0.1)
        attempt(first.recv, 10)
        first.close()

    recording.in_parallel(count, talk, 2)


@workload("refused", count=60)
def refused(recording, count):
    """nobody listens"""
    ports = [recording.port() for _ in range(5)]

    def call(i, version):
        client = recording.client(version)
        attempt(client.connect, (recording.address("server", version), ports[i % 5]))
        client.close()

    recording.in_parallel(count, call, 2)
