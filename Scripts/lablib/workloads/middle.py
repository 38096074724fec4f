"""Boxes between the hosts that answer in their place."""

import time

from ..conversation import attempt, exchange
from .registry import workload

ANSWERS = ("icmpx type port-unreachable", "icmpx type host-unreachable", "tcp reset")


@workload("rejected", count=30, topology="router")
def rejected(recording, count):
    """a router answers SYNs with ICMP errors or a reset of its own, and established
    connections with ICMP errors, which change no state"""
    router = recording.hosts["middle"]
    listeners = recording.listen_on_both()
    ports = {version: [recording.port() for _ in ANSWERS] for version in (4, 6)}
    chain = "type filter hook forward priority 0;"
    lines = ["add table inet lab", f"add chain inet lab forward {{ {chain} }}"]
    for version in (4, 6):
        for port, answer in zip(ports[version], ANSWERS):
            lines.append(f"add rule inet lab forward tcp dport {port} reject with {answer}")
    router.run("nft", "-f", "-", input="\n".join(lines))
    pairs = []

    def call(i, version):
        if i % 4 < 3:
            client = recording.client(version)
            client.settimeout(3)
            attempt(client.connect, (recording.address("server", version), ports[version][i % 4]))
            client.close()
            return
        pair = recording.connect(listeners[version], version)
        exchange(*pair)
        recording.keep(*pair)
        pairs.append(pair)

    recording.in_parallel(count, call, 1)
    for version in (4, 6):
        port = listeners[version].port
        rule = f"add rule inet lab forward tcp dport {port} reject with {ANSWERS[0]}"
        router.run("nft", rule)
    for client, _ in pairs:
        attempt(client.sendall, b"x")
    time.sleep(3)
