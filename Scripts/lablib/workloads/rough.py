"""Rough paths: loss, reordering and duplicates under every kind of open and close."""

import time

from ..conversation import attempt, close_in_turn, exchange, read_to_end
from ..forwarder import Path
from .mixtures import anything
from .opening import MPTCP, open_from_both_sides, until_open
from .registry import workload


def rough(loss, delay=(0.002, 0.02)):
    def path(recording):
        return Path(
            recording.seed,
            recording.scaled(*delay),
            loss=loss,
            duplicates=0.05,
            reordering=0.1,
            reordering_delay=0.05,
        )

    return path


@workload("mixture-rough", count=160, path=rough(0.05))
def mixture_rough(recording, count):
    """everything at once; 5 % loss, 5 % duplicates, 10 % reordering"""
    listeners = recording.listen_on_both()
    recording.in_parallel(count, lambda _, version: anything(recording, listeners, version), 8)
    time.sleep(8)


@workload("mixture-offloaded", count=120, topology="direct", has_offloads=True)
def mixture_offloaded(recording, count):
    """everything at once on one link with segmentation and receive offloads"""
    listeners = recording.listen_on_both()
    recording.in_parallel(count, lambda _, version: anything(recording, listeners, version), 5)
    time.sleep(2)


@workload(
    "cookies-rough",
    count=80,
    server_sysctls={"net.ipv4.tcp_syncookies": 2},
    path=rough(0.1),
)
def cookies_rough(recording, count):
    """cookies for every SYN, with 10 % loss"""
    listeners = recording.listen_on_both()

    def talk(_, version):
        client = recording.client(version)
        client.connect(listeners[version].address)
        attempt(client.sendall, b"c" * 100)  # or nobody learns that the third segment is lost
        server = listeners[version].accepted(client.getsockname())
        attempt(exchange, client, server)
        first, second = (client, server) if recording.random.random() < 0.5 else (server, client)
        first.close()
        attempt(read_to_end, second)
        second.close()

    recording.in_parallel(count, talk, 5)
    time.sleep(8)


@workload("simultaneous-open-rough", count=60, path=rough(0.15, delay=(0.01, 0.03)))
def simultaneous_open_rough(recording, count):
    """both sides connect at once, with 15 % loss"""

    def talk(i, version):
        client, server = open_from_both_sides(recording, version, 0.004 * (i // 2 % 3))
        until_open(client, server)
        time.sleep(0.2)
        attempt(exchange, client, server)
        first, second = (client, server) if i & 2 else (server, client)
        attempt(close_in_turn, first, second)
        first.close()
        second.close()

    recording.in_parallel(count, talk, 4)
    time.sleep(8)


@workload("multipath-rough", count=40, path=rough(0.03, delay=(0.002, 0.006)))
def multipath_rough(recording, count):
    """MPTCP with a second subflow from another address; 3 % loss"""
    second = {v: recording.network.add_address("client", v, "9") for v in (4, 6)}
    client, server = recording.hosts["client"], recording.hosts["server"]
    for host in (client, server):
        host.run("ip", "mptcp", "limits", "set", "subflow", "2", "add_addr_accepted", "2")
    for address in second.values():
        client.run("ip", "mptcp", "endpoint", "add", address, "dev", "c0", "subflow")
    listeners = recording.listen_on_both(protocol=MPTCP)

    def talk(i, version):
        ends = recording.connect(listeners[version], version, protocol=MPTCP)
        exchange(*ends, 3)
        close_in_turn(*(ends if i & 2 else ends[::-1]))

    recording.in_parallel(count, talk, 4)
    time.sleep(5)
