"""Captures that show less than all: short snapshots, one direction, every packet twice."""

import threading
import time

from ..forwarder import Path
from .mixtures import anything
from .registry import workload


def mixture(recording, count, spread=4, rest=2):
    listeners = recording.listen_on_both()
    recording.in_parallel(count, lambda _, version: anything(recording, listeners, version), spread)
    time.sleep(rest)


def with_snapshot_length(length):
    @workload(
        f"snapshot-{length}",
        count=60,
        snapshot_length=length,
        path=lambda recording: Path(recording.seed, recording.scaled(0.002, 0.01), loss=0.02),
    )
    def cut_short(recording, count):
        """the mixture with 2 % loss, a few bytes kept of each packet"""
        mixture(recording, count, rest=6)

    return cut_short


for kept in (54, 68, 96):
    with_snapshot_length(kept)


@workload("only-from-client", count=60, topology="router", only_from="client")
def only_from_client(recording, count):
    """the mixture; only what the client sends is captured"""
    mixture(recording, count)


@workload("only-from-server", count=60, topology="router", only_from="server")
def only_from_server(recording, count):
    """the mixture; only what the server sends is captured"""
    mixture(recording, count)


@workload("every-interface", count=60, topology="router", middle_interface="any")
def every_interface(recording, count):
    """the mixture; in the middle, both links of the router are captured at once"""
    mixture(recording, count)


@workload(
    "late-rough",
    count=80,
    starts_late=True,
    path=lambda recording: Path(
        recording.seed, recording.scaled(0.002, 0.02), loss=0.04, duplicates=0.02, reordering=0.05
    ),
)
def late_rough(recording, count):
    """the mixture with loss; the capture begins at a moment drawn by lot"""
    talking = threading.Thread(target=mixture, args=(recording, count, 8, 0))
    talking.start()
    time.sleep(1 + 6 * recording.random.random())
    recording.start_capture()
    talking.join()
    time.sleep(6)
