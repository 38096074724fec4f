"""Address translation on the path: two names for one host, and a box that forgets."""

import time

from ..conversation import attempt, exchange, read_to_end, stop_sending
from .mixtures import anything
from .registry import workload

FORGETTING = {
    "net.netfilter.nf_conntrack_tcp_timeout_established": 2,
    "net.netfilter.nf_conntrack_tcp_timeout_fin_wait": 2,
    "net.netfilter.nf_conntrack_tcp_timeout_close_wait": 2,
    "net.netfilter.nf_conntrack_tcp_timeout_unacknowledged": 2,
}


def translate(recording, drops_unknown=False):
    """The router hides the client behind an address of its own and the server behind
    another that nobody owns; ports stay."""
    router, network = recording.hosts["middle"], recording.network
    lines = []
    for version, family in ((4, "ip"), (6, "ip6")):
        client, server = (recording.address(side, version) for side in ("client", "server"))
        outside = network.gateways[("server", version)]
        service = network.prefix4 + ".3.80" if version == 4 else network.prefix6 + ":3::80"
        recording.alias(outside, client)
        recording.alias(service, server)
        lines += [
            f"add table {family} lab",
            f"add chain {family} lab out {{ type nat hook postrouting priority 100; }}",
            f"add chain {family} lab in {{ type nat hook prerouting priority -100; }}",
            f"add chain {family} lab known {{ type filter hook forward priority 0; }}",
            f"add rule {family} lab out {family} saddr {client} snat to {outside}",
            f"add rule {family} lab in {family} daddr {service} dnat to {server}",
        ]
        if drops_unknown:
            lines.append(f"add rule {family} lab known ct state invalid drop")
    router.run("nft", "-f", "-", input="\n".join(lines))


@workload("translated", count=100, topology="router")
def translated(recording, count):
    """source and destination translated; closes, aborts, half-closes of all kinds"""
    translate(recording)
    listeners = recording.listen_on_both()
    recording.in_parallel(count, lambda _, version: anything(recording, listeners, version), 4)
    time.sleep(1)


def outlive_the_translation(recording, count):
    """Connections that are idle until the router has forgotten them, then go on."""
    for name, value in FORGETTING.items():
        recording.hosts["middle"].sysctl(name, value)
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        case = i // 2 % 6
        if case == 5:
            stop_sending(client)
        time.sleep(4)
        first, second = (client, server) if case in (0, 2, 4) else (server, client)
        if case in (0, 1):
            attempt(first.sendall, b"still there?")
        elif case in (2, 3):
            first.close()
        else:
            attempt(first.sendall, b"a last word")
            time.sleep(0.5)
            attempt(stop_sending, first)
        time.sleep(3)
        attempt(second.sendall, b"hello?")
        time.sleep(1)
        second.settimeout(1)
        attempt(read_to_end, second)
        second.close()
        first.close()

    recording.in_parallel(count, talk, 1)
    time.sleep(2)


@workload("translator-forgets", count=36, topology="router")
def translator_forgets(recording, count):
    """the translator forgets idle connections: what the server sends meets the router
    itself, what the client sends makes it remember"""
    translate(recording)
    outlive_the_translation(recording, count)


@workload("translator-forgets-and-drops", count=36, topology="router")
def translator_forgets_and_drops(recording, count):
    """the translator forgets idle connections and drops what it does not know"""
    translate(recording, drops_unknown=True)
    recording.hosts["middle"].sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)
    outlive_the_translation(recording, count)
