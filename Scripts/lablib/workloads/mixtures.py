"""Everything at once, and captures that begin in the middle."""

import threading
import time

from ..conversation import abort, attempt, exchange, read_to_end, stop_sending
from ..forwarder import Path
from .closing import ordinary
from .registry import workload


def anything(recording, listeners, version):
    """One conversation with an ending drawn by lot."""
    chance = recording.random
    case = chance.randrange(9)
    if case < 4:
        ordinary(recording, listeners, version, "client" if case < 2 else "server", gap=0.1)
        return
    first, second = recording.connect(listeners[version], version)
    exchange(first, second, chance.randint(1, 3))
    if chance.random() < 0.5:
        first, second = second, first
    if case == 4:
        abort(first)
        time.sleep(0.5)
        attempt(second.sendall, b"x")
        time.sleep(0.5)
        second.close()
    elif case == 5:
        stop_sending(first)
        for _ in range(5):
            second.sendall(b"h" * chance.randint(1, 3000))
            time.sleep(chance.random() * 0.2)
        second.close()
        attempt(read_to_end, first)
        first.close()
    elif case == 6:
        closing = [threading.Thread(target=end.close) for end in (first, second)]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()
    elif case == 7:
        first.sendall(b"u" * 400)
        time.sleep(0.1)
        second.close()
        time.sleep(0.2)
        attempt(first.recv, 1)
        first.close()
    else:
        first.sendall(b"d" * 3000)
        first.close()
        read_to_end(second)
        second.close()


@workload(
    "mixture-lossy",
    count=160,
    path=lambda recording: Path(
        recording.seed,
        (0.001, 0.03),
        loss=0.05,
        duplicates=0.01,
        reordering=0.03,
        reordering_delay=0.03,
    ),
)
def mixture_lossy(recording, count):
    """closes, aborts, half-closes, crossing closes, unread data; 5 % loss"""
    listeners = recording.listen_on_both()
    recording.in_parallel(count, lambda _, version: anything(recording, listeners, version), 8)
    time.sleep(8)


@workload("mixture-routed", count=160, topology="router")
def mixture_routed(recording, count):
    """the same mixture through a kernel router, without loss"""
    listeners = recording.listen_on_both()
    recording.in_parallel(count, lambda _, version: anything(recording, listeners, version), 6)
    time.sleep(2)


@workload(
    "mixture-late",
    count=100,
    starts_late=True,
    path=lambda recording: Path(recording.seed, (0.001, 0.02), loss=0.03),
)
def mixture_late(recording, count):
    """the same mixture with 3 % loss; the capture begins in the middle of it"""
    listeners = recording.listen_on_both()

    def talk(_, version):
        anything(recording, listeners, version)

    talking = threading.Thread(target=recording.in_parallel, args=(count, talk, 8))
    talking.start()
    time.sleep(3)
    recording.start_capture()
    talking.join()
    time.sleep(6)


@workload("late-capture", count=40, starts_late=True)
def late_capture(recording, count):
    """the capture begins after the handshakes; some connections are half-closed by then"""
    listeners = recording.listen_on_both()
    pairs = []

    def open_and_talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        pairs.append((i, client, server))
        if i % 5 == 4:
            stop_sending(client)
        elif i % 10 == 3:
            stop_sending(server)

    recording.in_parallel(count, open_and_talk, 1)
    time.sleep(0.3)
    recording.start_capture()

    def go_on(position, _):
        i, client, server = pairs[position]
        if i % 5 == 4 or i % 10 == 3:
            sender, receiver = (server, client) if i % 5 == 4 else (client, server)
            sender.sendall(b"more" * 100)
            time.sleep(0.1)
            sender.close()
            read_to_end(receiver)
            receiver.close()
            return
        if i % 5 != 1:
            exchange(client, server, 2)
        if i % 5 == 2:
            abort(server)
            time.sleep(0.1)
            client.close()
        else:
            first, second = (server, client) if i % 5 == 0 else (client, server)
            first.close()
            read_to_end(second)
            second.close()

    recording.in_parallel(len(pairs), go_on, 2)
    recording.in_parallel(10, lambda _, version: ordinary(recording, listeners, version, "client"))
