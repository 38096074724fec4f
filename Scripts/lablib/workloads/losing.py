"""Paths that lose, delay, double and reorder segments."""

import random
import socket
import time

from ..conversation import abort, attempt, exchange, read_to_end, stop_sending
from ..forwarder import Path, PlannedPath
from .closing import ordinary
from .registry import workload

LOSS_PLANS = [
    {"SYNc": 1},
    {"SYNc": 2},
    {"SYNACK": 1},
    {"SYNACK": 2},
    {"ACK3": 1},
    {"ACK3": 1, "DATAc": 1},
    {"ACK3": 1, "DATAc": 2},
    {"FINc": 1},
    {"FINc": 2},
    {"FINs": 1},
    {"FINs": 2},
    {"AFINc": 1},
    {"AFINc": 2},
    {"AFINs": 1},
    {"AFINs": 2},
    {"AFINs": 3},
    {"DATAc": 1},
    {"DATAs": 2},
    {"ACKc": 1},
    {"ACKs": 1},
    {"FINc": 1, "FINs": 1, "AFINs": 1},
    {"SYNc": 1, "SYNACK": 1, "ACK3": 1, "FINc": 1, "FINs": 1},
    {"RSTc": 1, "RSTs": 1},
]

EARLY_FIN_PLANS = [
    {"last data": "drop"},
    {"last data": 0.03},
    {"last data": "drop", "FINc": 1},
    {"last data": 0.06, "AFINc": 1},
    {"last data": "drop", "FINs": 1},
]

CROSSING_PLANS = [
    {"hold:FINc": 0.04},
    {"hold:FINs": 0.04},
    {"hold:AFINc": 0.06, "FINs": 1},
    {"hold:AFINs": 0.3},
    {"hold:RSTc": 0.03, "hold:RSTs": 0.03},
    {"hold:SYNACK": 1.2},
    {"hold:ACK3": 0.05},
    {"hold:ACK3": 1.3},
    {"hold:DATAs": 0.04},
    {"hold:FINc": 0.3, "hold:FINs": 0.02},
]


def plans_for(recording, plans):
    """The plans in another order, with some of them combined, for each seed but the first."""
    if recording.seed == 1:
        return plans
    chance = random.Random(f"plans {recording.name} {recording.seed}")
    combined = []
    for plan in chance.sample(plans, len(plans)):
        extra = chance.choice(plans) if chance.random() < 0.35 else {}
        combined.append({**plan, **extra})
    return combined


def planned(plans):
    def path(recording):
        chosen = plans_for(recording, plans)
        return PlannedPath(recording.seed, chosen, delay=recording.scaled(0.002, 0.008))

    return path


@workload("chosen-losses", count=138, path=planned(LOSS_PLANS))
def chosen_losses(recording, count):
    """one plan per connection: SYN, SYN/ACK, third ACK, FIN, ACK of a FIN, data or RST
    is lost, up to three times"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        case = i % 7
        if case < 6:
            first = "client" if case < 3 else "server"
            ordinary(recording, listeners, version, first, gap=0.05)
            return
        first, second = recording.connect(listeners[version], version)
        exchange(first, second)
        if not i & 2:
            first, second = second, first
        abort(first)
        time.sleep(0.3)
        attempt(second.sendall, b"x")
        time.sleep(0.6)
        second.close()

    recording.in_parallel(count, talk, 6)
    time.sleep(8)


@workload("crossing-segments", count=60, path=planned(CROSSING_PLANS))
def crossing_segments(recording, count):
    """one plan per connection: a FIN, an ACK, a RST or a SYN/ACK is late and crosses others"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        case = i % 7
        if case < 6:
            first = "client" if case < 3 else "server"
            ordinary(recording, listeners, version, first, gap=0.05)
            return
        first, second = recording.connect(listeners[version], version)
        exchange(first, second)
        stop_sending(second)
        abort(first)
        time.sleep(0.3)
        second.close()

    recording.in_parallel(count, talk, 4)
    time.sleep(4)


@workload(
    "random-loss",
    count=120,
    path=lambda recording: Path(
        recording.seed, recording.scaled(0.002, 0.01), loss=0.08, duplicates=0.02, reordering=0.05
    ),
)
def random_loss(recording, count):
    """8 % loss, 2 % duplicates, 5 % reordering"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        ordinary(recording, listeners, version, "client" if i % 3 else "server", gap=0.05)

    recording.in_parallel(count, talk, 6)
    time.sleep(8)


@workload("early-fin", count=60, path=planned(EARLY_FIN_PLANS))
def early_fin(recording, count):
    """the last data segment is lost or late: the FIN arrives before it"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        first, second = recording.connect(listeners[version], version)
        exchange(first, second)
        if i & 2:
            first, second = second, first
        first.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        first.sendall(b"d" * 1000)
        time.sleep(0.03)
        first.sendall(b"d" * 500 + PlannedPath.LAST_DATA_MARK)
        if i & 4:
            stop_sending(first)
        else:
            first.close()
        read_to_end(second)
        time.sleep(recording.random.random() * 0.05)
        second.close()
        if i & 4:
            read_to_end(first)
            first.close()

    recording.in_parallel(count, talk, 3)
    time.sleep(1.5)
