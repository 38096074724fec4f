"""Firewalls and other devices on the way."""

import time

from .. import boxes
from ..conversation import (
    attempt,
    exchange,
)
from ..scenes import SMALL
from .registry import SERVICE, case, listeners, plain


def idle_box(resets):
    def path(seed):
        return boxes.ForgetfulBox(seed, SERVICE, idle=8, resets=resets, delay=(0.003, 0.006))

    return path


def idle(recording):
    opened = listeners(recording)
    survivors, killed = [], []
    for i in range(7):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version)
        exchange(*pair, **SMALL)
        (survivors if i < 3 else killed).append(pair)
    time.sleep(6)
    for pair in survivors:
        exchange(*pair, **SMALL)
    time.sleep(4)
    for client, server in killed:
        client.sendall(b"hello again")
        recording.keep(client, server)
    for _ in range(4):
        time.sleep(1)
        exchange(*survivors[0], **SMALL)
        exchange(*survivors[1], **SMALL)
    for pair in survivors:
        recording.keep(*pair)


IDLE = "A box on the way forgets connections that were idle for 8 s and drops what follows."
BLACKHOLE = [("idle-timeout-blackhole", "middlebox")]
case("idle-timeout-blackhole", BLACKHOLE, ("client", "middle"), path=idle_box(False))(
    plain(idle, IDLE)
)
IDLE_RST = [("idle-timeout-rst", "middlebox")]
case("idle-timeout-rst", IDLE_RST, ("client", "middle"), path=idle_box(True))(
    plain(idle, "A box on the way answers with a RST after 8 s of idleness.")
)


@case(
    "forged-rst",
    [("forged-rst", "middlebox")],
    ("client", "server", "middle"),
    path=lambda seed: boxes.ForgingBox(seed, SERVICE, b"forbidden", delay=(0.02, 0.03)),
)
def forged_rst(recording):
    """A box sees a word and sends RSTs to both ends in the other's name; the real answer
    comes all the same."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        client.sendall(b"something forbidden, number %d" % i)
        attempt(server.recv, 100)
        attempt(server.sendall, b"r" * 500)
        time.sleep(0.5)
        client.close()
        server.close()

    recording.in_parallel(4, talk)
    recording.background()
