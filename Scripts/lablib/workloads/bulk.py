"""Large transfers with super-segments."""

import threading

from ..conversation import read_to_end, stop_sending
from .registry import workload

CHUNK = 1 << 16


def transfer(recording, count, size, spread=2):
    listeners = recording.listen_on_both()

    def talk(i, version):
        sender, receiver = recording.connect(listeners[version], version)
        if i & 2:
            sender, receiver = receiver, sender

        def send():
            data = b"B" * CHUNK
            for _ in range(size // CHUNK):
                sender.sendall(data)
            stop_sending(sender)

        sending = threading.Thread(target=send)
        sending.start()
        read_to_end(receiver)
        receiver.close()
        sending.join()
        read_to_end(sender)
        sender.close()

    recording.in_parallel(count, talk, spread)


@workload(
    "bulk-routed",
    count=8,
    topology="router",
    has_offloads=True,
    has_big_tcp=True,
    snapshot_length=100,
)
def bulk_routed(recording, count):
    """24 MiB each through a kernel router, segments above 64 KiB allowed"""
    transfer(recording, count, 24 << 20)


@workload(
    "bulk-direct",
    count=6,
    topology="direct",
    has_offloads=True,
    has_big_tcp=True,
    snapshot_length=100,
)
def bulk_direct(recording, count):
    """60 MiB each on one link, segments above 64 KiB in the capture"""
    transfer(recording, count, 60 << 20)


@workload(
    "past-4-gib",
    count=2,
    topology="direct",
    has_offloads=True,
    has_big_tcp=True,
    snapshot_length=100,
)
def past_4_gib(recording, count):
    """4.2 GiB each: the sequence numbers come round within one connection"""
    transfer(recording, count, 4300 << 20)
