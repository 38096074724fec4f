"""lwIP, the stack of small devices, against the kernel; both ends are judged."""

import time

from ..conversation import abort, attempt, exchange, read_to_end, stop_sending
from ..forwarder import Path
from ..stacks import lwip
from .mixtures import anything
from .registry import workload
from .rough import rough


def with_lwip(recording, count, spread, talk, rest):
    listeners = recording.listen_on_both()
    with lwip.LwipHost(recording) as host:
        stage = lwip.WithLwip(recording, host)
        recording.in_parallel(count, lambda _, version: talk(stage, listeners, version), spread)
        time.sleep(rest)


@workload("lwip", count=80, missing=lwip.missing)
def lwip_mixture(recording, count):
    """lwIP at the client's end, opened by either side; closes, half-closes, aborts"""
    with_lwip(recording, count, 4, anything, rest=2)


@workload("lwip-rough", count=100, path=rough(0.05), missing=lwip.missing)
def lwip_rough(recording, count):
    """lwIP with 5 % loss, duplicates and reordering"""
    with_lwip(recording, count, 6, anything, rest=15)


@workload(
    "lwip-closes",
    count=60,
    missing=lwip.missing,
    path=lambda recording: Path(recording.seed, recording.scaled(0.01, 0.02)),
)
def lwip_closes(recording, count):
    """lwIP closes and aborts in every state: FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, CLOSING"""

    def talk(stage, listeners, version):
        chance = recording.random
        first, second = stage.connect(listeners[version], version)
        exchange(first, second, size=300)
        if chance.random() < 0.3:
            first, second = second, first
        case = chance.randrange(6)
        if case == 0:
            stop_sending(first)
            time.sleep(chance.random() * 0.06)
            abort(first)
        elif case == 1:
            stop_sending(second)
            time.sleep(chance.random() * 0.06)
            abort(first)
        elif case == 2:
            stop_sending(first)
            time.sleep(chance.random() * 0.02)
            stop_sending(second)
            attempt(read_to_end, first)
            attempt(read_to_end, second)
            first.close()
        elif case == 3:
            first.sendall(b"d" * 5000)
            first.close()
            attempt(read_to_end, second)
        else:
            first.close()
            time.sleep(chance.random() * 0.05)
        time.sleep(0.2)
        attempt(second.close)

    with_lwip(recording, count, 3, talk, rest=2)
