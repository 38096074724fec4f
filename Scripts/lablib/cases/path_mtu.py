"""Paths that are narrower than the hosts believe."""

import threading
import time

from ..conversation import attempt, exchange, read_to_end, receive_exactly
from ..scenes import SMALL
from .registry import SERVICE, case, plain

# The options of an IPv6 segment with SACK blocks reach beyond the usual cut.
GATEWAY = {"topology": "gateway", "snapshot_length": 128}
NARROW = 1300
SILENT_ROUTER = (
    "table inet box {",
    "chain out { type filter hook output priority 0;",
    "meta l4proto { icmp, ipv6-icmp } drop",
    "}",
    "}",
)
HOLE = [("pmtu-blackhole", "path|middlebox")]
REFUTED = {
    "retransmit-until-death": "small segments of both ends get through all the time",
    "half-open": "the peer acknowledges by SACK what comes behind the hole",
    "idle-timeout-blackhole": "only segments above one size are lost, busy or idle",
}


def transfer(recording, is_download, is_silent, narrow_side, seconds=7):
    """Small exchanges that work, then a transfer of full segments. The narrow link lies
    behind the gateway, on the way of the data."""
    opened = {version: recording.listen(version, SERVICE) for version in (4, 6)}
    if is_silent:
        recording.network.rules("gateway", *SILENT_ROUTER)
    pairs = []
    for version in (4, 6, 4):
        pair = recording.connect(opened[version], version)
        exchange(*pair, 2, 300)
        pairs.append(pair)
    recording.network.lower_mtu(narrow_side, NARROW)
    for client, server in pairs:
        sender, receiver = (server, client) if is_download else (client, server)
        threading.Thread(target=attempt, args=(read_to_end, receiver), daemon=True).start()
        sender.settimeout(seconds)
        attempt(sender.sendall, b"z" * 12_000 + b"tail" * 100)
        recording.keep(client, server)
    time.sleep(seconds)
    recording.background(4)


def download(is_silent):
    return lambda recording: transfer(recording, True, is_silent, "g0")


def upload(is_silent):
    return lambda recording: transfer(recording, False, is_silent, "br0")


DOWN = "Downloads stall: a link on the way is narrow, and its router's ICMP errors are filtered."
UP = "Uploads stall: a link on the way is narrow, and its router's ICMP errors are filtered."
case("mtu-hole-download", HOLE, ("server",), rivals=REFUTED, **GATEWAY)(plain(download(True), DOWN))
case("mtu-hole-upload", HOLE, ("client", "middle"), rivals=REFUTED, **GATEWAY)(
    plain(upload(True), UP)
)
case("mtu-hole-upload-lossy", HOLE, ("client",), loss=0.02, rivals=REFUTED, **GATEWAY)(
    plain(upload(True), UP)
)
NO_HOLE = {
    "pmtu-blackhole": "the router says so by ICMP, and the sender goes on with smaller segments",
    "retransmit-until-death": "everything is acknowledged in the end",
}
case("trap-mtu-told-download", (), ("server",), rivals=NO_HOLE, **GATEWAY)(
    plain(download(False), "The path is narrow, and the router says so: the sender adapts.")
)
case("trap-mtu-told-upload", (), ("client",), rivals=NO_HOLE, **GATEWAY)(
    plain(upload(False), "The path is narrow, and the router says so: the sender adapts.")
)


@case(
    "mtu-hole-probed",
    HOLE,
    ("client",),
    client_sysctls={"net.ipv4.tcp_mtu_probing": 1},
    rivals={"retransmit-until-death": "smaller copies are acknowledged"},
    **GATEWAY,
)
def mtu_hole_probed(recording):
    """The same hole, and a sender that finds it out: after some copies it goes on with
    smaller segments."""
    transfer(recording, False, True, "br0", 14)


@case(
    "trap-lost-large-segments",
    (),
    ("client",),
    loss=0.04,
    rivals={"pmtu-blackhole": "large segments get through, some at the second attempt"},
)
def trap_lost_large_segments(recording):
    """Transfers of full segments over a path that loses some of them by chance."""
    opened = {version: recording.listen(version, SERVICE) for version in (4, 6)}

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.sendall(b"z" * 40_000)
        receive_exactly(server, 40_000)
        recording.keep(client, server)

    recording.in_parallel(4, talk)
    recording._rest(1)
