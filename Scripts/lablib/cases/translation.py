"""One connection under two pairs of addresses, and translators that lose track."""

import time

from ..conversation import (
    answer,
    ask,
    attempt,
    close_in_turn,
    exchange,
    read_to_end,
    receive_exactly,
)
from ..scenes import SMALL, drop_at
from .registry import SERVICE, case, plain

GATEWAY = {"topology": "gateway"}
TRANSLATOR = "middlebox|path"
UNTRANSLATED = "nat-bypassed"
SAME = "the same numbers, port and time stamp under another pair of addresses"
NO_FAULT_OF_ENDS = (
    {
        "diagnosis": "refused|half-open-peer-restarted|port-reuse-collision",
        "fault": "server|client",
    },
)


def translate(recording, *rules, hook="prerouting", priority=-100):
    """A NAT chain at the gateway, for connections to the service alone."""
    recording.network.rules(
        "gateway",
        "table ip translator {",
        f"chain {hook} {{ type nat hook {hook} priority {priority};",
        *rules,
        "}",
        "}",
    )


def masquerade(recording):
    translate(
        recording, f"oifname br0 tcp dport {SERVICE} masquerade", hook="postrouting", priority=100
    )


def publish(recording, host="server"):
    """The virtual address leads to a host; returns the virtual end."""
    virtual = recording.address("virtual", 4)
    to = recording.address(host, 4)
    translate(recording, f"ip daddr {virtual} tcp dport {SERVICE} dnat to {to}")
    return virtual, SERVICE


def rewrite_without_state(recording, *rules):
    """Rewriting without conntrack, as some balancers do."""
    recording.network.rules(
        "gateway",
        "table ip rewriter {",
        "chain in { type filter hook prerouting priority -300;",
        *rules,
        "}",
        "}",
    )


def calls(recording, address, count, pause=0.1, timeout=30):
    for _ in range(count):
        client = recording.client(4)
        client.settimeout(timeout)
        recording.keep(client)
        if attempt(client.connect, address) is None:
            attempt(ask, client)
        time.sleep(pause)


@case(
    "answer-not-translated-lossy",
    [(UNTRANSLATED, TRANSLATOR)],
    ("client",),
    loss=0.04,
    rivals={"syn-filtered": "the SYNs are answered within the round trip, from another address"},
    **GATEWAY,
)
@case(
    "answer-not-translated",
    [(UNTRANSLATED, TRANSLATOR)],
    ("client", "server"),
    at={
        "server": {
            "rivals": {
                "abortive-close": "each SYN is repeated after the RST: its sender never had"
                " an answer that it could use"
            },
        }
    },
    rivals={
        "syn-filtered": "each SYN is answered within the round trip, from another address",
        "abortive-close": "the SYN,ACK acknowledges a SYN to another address: " + SAME,
    },
    **GATEWAY,
)
def answer_not_translated(recording):
    """The answer of a published service comes back with the backend's own address: the client
    knows no such connection and resets it, and repeats its SYN."""
    virtual, to = recording.address("virtual", 4), recording.address("server", 4)
    rewrite_without_state(recording, f"ip daddr {virtual} tcp dport {SERVICE} ip daddr set {to}")
    recording.serve(answer, port=SERVICE)

    def one(i, _):
        client = recording.client(4)
        client.settimeout(7)
        recording.keep(client)
        attempt(client.connect, (virtual, SERVICE))

    recording.in_parallel(3, one)
    recording.background()


@case(
    "fin-not-translated",
    [(UNTRANSLATED, TRANSLATOR)],
    ("server", "gateway"),
    rivals={
        "half-open-peer-restarted": "the FIN that is reset is the client's: " + SAME,
        "close-wait-leak": "the client did close, under its own address: " + SAME,
    },
    **GATEWAY,
)
def fin_not_translated(recording):
    """A NAT drops its entry of half-closed connections; the client's FIN then leaves with the
    client's own address, and the server resets it."""
    masquerade(recording)
    gateway = recording.hosts["gateway"]
    for name, value in (("tcp_loose", 0), ("tcp_timeout_close_wait", 2)):
        gateway.sysctl(f"net.netfilter.nf_conntrack_{name}", value)
    gateway.sysctl("net.netfilter.nf_conntrack_tcp_timeout_fin_wait", 2)

    def answer_and_close(end):
        receive_exactly(end, 300)
        end.sendall(b"r" * 300)
        end.close()

    recording.serve(answer_and_close, port=SERVICE)
    kept = []
    for _ in range(3):
        client = recording.client(4)
        client.connect((recording.address("server", 4), SERVICE))
        client.sendall(b"q" * 300)
        read_to_end(client)
        kept.append(client)
    time.sleep(5)
    for client in kept:
        client.close()
        time.sleep(0.2)
    calls(recording, (recording.address("server", 4), SERVICE), 3)
    recording._rest(3)


@case(
    "entry-lost",
    [
        (
            UNTRANSLATED,
            TRANSLATOR,
        )
    ],
    ("client", "server"),
    at={
        "server": {
            "expected": (
                ("half-open-peer-restarted|idle-timeout-rst|nat-bypassed", "client|middlebox|path"),
            ),
            "rivals": {},
        },
    },
    rivals={"half-open-peer-restarted": SAME},
    **GATEWAY,
)
def entry_lost(recording):
    """A translator forgets idle connections: what the server sends then reaches the client
    with the server's own address, the client resets it, and the reset kills the server's
    good connection."""
    gateway = recording.hosts["gateway"]
    address = publish(recording)
    gateway.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)
    gateway.sysctl("net.netfilter.nf_conntrack_tcp_timeout_established", 3)

    def late(end):
        receive_exactly(end, 300)
        end.sendall(b"r" * 300)
        time.sleep(5)
        attempt(end.sendall, b"news for you")
        time.sleep(1)
        end.close()

    recording.serve(late, port=SERVICE)
    for _ in range(3):
        client = recording.client(4)
        client.connect(address)
        client.sendall(b"q" * 300)
        receive_exactly(client, 300)
        recording.keep(client)
    time.sleep(7)


@case(
    "rebinding",
    [
        (
            UNTRANSLATED + "|nat-rebinding",
            TRANSLATOR,
        )
    ],
    ("server",),
    rivals={
        "half-open-peer-restarted": "the same connection goes on under another port: " + SAME,
    },
    **GATEWAY,
)
def rebinding(recording):
    """A NAT forgets idle connections and gives them a new port when they go on: the server
    knows no such connection and resets it."""
    masquerade_at = "oifname br0 tcp dport {} masquerade to :{}-{}"
    translate(
        recording,
        masquerade_at.format(SERVICE, 40000, 49999) + " random",
        hook="postrouting",
        priority=100,
    )
    gateway = recording.hosts["gateway"]
    gateway.sysctl("net.netfilter.nf_conntrack_tcp_timeout_established", 3)

    def twice(end):
        for _ in range(2):
            receive_exactly(end, 300)
            end.sendall(b"r" * 300)
        read_to_end(end)

    recording.serve(twice, port=SERVICE)
    kept = []
    for _ in range(3):
        client = recording.client(4)
        client.connect((recording.address("server", 4), SERVICE))
        client.sendall(b"q" * 300)
        receive_exactly(client, 300)
        kept.append(client)
    recording.keep(*kept)
    time.sleep(5)
    for client in kept:
        attempt(client.sendall, b"q" * 300)
        time.sleep(0.3)
    recording._rest(1)


# Hairpins


def hairpin(recording, is_masqueraded):
    """The backend calls the published address of the server on its own segment."""
    address = publish(recording)
    if is_masqueraded:
        prefix = f"{recording.network.prefix4}.2.0/24"
        translate(
            recording,
            f"ip saddr {prefix} oifname br0 tcp dport {SERVICE} masquerade",
            hook="postrouting",
            priority=100,
        )
    recording.serve(answer, port=SERVICE)
    for _ in range(5):
        client = recording.socket("backend", 4)
        client.settimeout(4)
        recording.keep(client)
        if attempt(client.connect, address) is None:
            attempt(ask, client)
        time.sleep(0.2)


case(
    "trap-hairpin",
    (),
    ("inside", "gateway"),
    rivals={"port-reuse-collision": SAME, "port-scan": "one connection, seen twice"},
    snapshot_length=80,
    **GATEWAY,
)(
    plain(
        lambda recording: hairpin(recording, True),
        "A host calls a service of its own segment by the public address: the gateway translates"
        " both addresses, and the same connection is in the file twice.",
    )
)
case(
    "hairpin-broken",
    [(UNTRANSLATED, TRANSLATOR)],
    ("inside", "server"),
    at={
        "server": {
            "rivals": {
                "abortive-close": "each SYN is repeated after the RST: its sender never had an"
                " answer that it could use"
            }
        },
    },
    rivals={"abortive-close": SAME, "syn-filtered": "each SYN is answered, from another address"},
    **GATEWAY,
)(
    plain(
        lambda recording: hairpin(recording, False),
        "A host calls a service of its own segment by the public address, and the gateway"
        " translates one address only: the answer comes straight from the server, and is reset.",
    )
)


# Both sides of a translator in one file


def busy(recording, address, count=10):
    recording.serve(answer, port=SERVICE)
    calls(recording, address, count + recording.random.randint(0, 4))


def busy_behind_nat(recording):
    masquerade(recording)
    busy(recording, (recording.address("server", 4), SERVICE))


BOTH_SIDES = {
    "port-reuse-collision": SAME,
    "retransmit-until-death": "the copies are the same segment before and behind the translator",
    "syn-flood": "each connection is there twice",
}
case(
    "trap-both-sides-of-nat",
    (),
    ("gateway",),
    rivals=BOTH_SIDES,
    quality="translat",
    snapshot_length=80,
    **GATEWAY,
)(plain(busy_behind_nat, "Healthy connections through a NAT, captured on all its interfaces."))
case(
    "trap-both-sides-of-nat-lossy",
    (),
    ("gateway",),
    loss=0.03,
    rivals=BOTH_SIDES,
    snapshot_length=80,
    **GATEWAY,
)(plain(busy_behind_nat, "The same over a path that loses segments."))
case("trap-behind-nat", (), ("server", "client"), rivals=BOTH_SIDES, **GATEWAY)(
    plain(busy_behind_nat, "Healthy connections through a NAT, captured at the ends.")
)


@case(
    "leak-behind-nat",
    [("close-wait-leak", "server")],
    ("gateway", "server"),
    rivals={"fin-wait-1-stuck": "every FIN is acknowledged"},
    **GATEWAY,
    settling_time=64,
)
def leak_behind_nat(recording):
    """A program that does not close, behind a NAT: the same connections are in the file under
    two pairs of addresses."""
    masquerade(recording)

    def keep_open(end):
        receive_exactly(end, 300)
        end.sendall(b"r" * 300)
        recording.keep(end)

    recording.serve(keep_open, port=SERVICE)
    for _ in range(4):
        client = recording.client(4)
        client.connect((recording.address("server", 4), SERVICE))
        client.sendall(b"q" * 300)
        receive_exactly(client, 300)
        client.close()
        time.sleep(0.1)


# Balancers


def spread(recording, per_packet):
    """A balancer without state in front of two hosts: each packet, or each packet after the
    first five seconds of a table change, may go to another host."""
    virtual = recording.address("virtual", 4)
    ends = [recording.address(side, 4) for side in ("server", "backend")]
    back = f"ip saddr {{ {ends[0]}, {ends[1]} }} tcp sport {SERVICE} ip saddr set {virtual}"
    recording.network.rules(
        "gateway",
        "table ip rewriter {",
        "chain in { type filter hook prerouting priority -300;",
        f"ip daddr {virtual} tcp dport {SERVICE} ip daddr set {per_packet(ends)}",
        "}",
        "chain out { type filter hook postrouting priority 300;",
        back,
        "}",
        "}",
    )
    for side in ("server", "backend"):
        recording.serve(answer, side, port=SERVICE)
    return virtual, SERVICE


def in_turn(ends):
    return f"numgen inc mod 2 map {{ 0 : {ends[0]}, 1 : {ends[1]} }}"


@case(
    "two-backends-one-tuple",
    [("two-backends|forged-rst", TRANSLATOR)],
    ("client", "gateway"),
    rivals={
        "accept-queue-full": "two SYN,ACKs with different numbers answer one SYN",
        "half-open-peer-restarted": "the RST comes from another host than the SYN,ACK",
        "refused": "a SYN,ACK had come before",
    },
    **GATEWAY,
)
def two_backends_one_tuple(recording):
    """A balancer without state sends the packets of one connection to two hosts in turn: the
    one answers the SYN, the other resets the rest."""
    address = spread(recording, in_turn)
    for _ in range(6):
        client = recording.client(4)
        client.settimeout(4)
        recording.keep(client)
        if attempt(client.connect, address) is None:
            attempt(client.sendall, b"q" * 300)
        time.sleep(0.5)


@case(
    "balancer-moves-connections",
    [("half-open-peer-restarted|two-backends", "middlebox|server|path")],
    ("gateway",),
    rivals={"idle-timeout-rst": "idle or not: all move at one moment"},
    **GATEWAY,
)
def balancer_moves_connections(recording):
    """A balancer without state takes its first host out of the table: the connections go on
    to the other host, which knows none of them and resets them all at one moment."""
    address = spread(recording, lambda ends: ends[0])
    kept = []
    for _ in range(5):
        client = recording.client(4)
        client.connect(address)
        client.sendall(b"q" * 100)
        kept.append(client)
    time.sleep(2)
    gateway = recording.hosts["gateway"]
    gateway.run("nft", "delete", "table", "ip", "rewriter")
    virtual = address[0]
    ends = [recording.address(side, 4) for side in ("server", "backend")]
    recording.network.rules(
        "gateway",
        "table ip rewriter {",
        "chain in { type filter hook prerouting priority -300;",
        f"ip daddr {virtual} tcp dport {SERVICE} ip daddr set {ends[1]}",
        "}",
        "chain out { type filter hook postrouting priority 300;",
        f"ip saddr {{ {ends[0]}, {ends[1]} }} tcp sport {SERVICE} ip saddr set {virtual}",
        "}",
        "}",
    )
    for client in kept:
        attempt(client.sendall, b"q" * 200)
    recording.keep(*kept)
    time.sleep(0.5)
    calls(recording, address, 4)


@case("trap-syn-proxy-lossy", (), ("client",), loss=0.03, **GATEWAY)
@case(
    "trap-syn-proxy",
    (),
    ("client", "server"),
    rivals={
        "forged-rst": "no RST",
        "port-reuse-collision": "the gateway's SYN to the server repeats the client's numbers",
    },
    **GATEWAY,
)
def trap_syn_proxy(recording):
    """A gateway completes handshakes itself before it opens them to the server (SYN proxy):
    its SYN,ACKs have another time to live than the server's data."""
    gateway = recording.hosts["gateway"]
    gateway.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)
    recording.network.rules(
        "gateway",
        "table ip shield {",
        "chain raw { type filter hook prerouting priority -300;",
        f"tcp dport {SERVICE} tcp flags & (syn | ack) == syn notrack",
        "}",
        "chain way { type filter hook forward priority 0;",
        f"tcp dport {SERVICE} ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp"
        " sack-perm",
        "ct state invalid drop",
        "}",
        "}",
    )
    recording.serve(answer, port=SERVICE)
    calls(recording, (recording.address("server", 4), SERVICE), 8)


@case(
    "trap-drop-of-invalid",
    (),
    ("client", "server"),
    rivals={"refused": "no SYN is refused"},
    **GATEWAY,
)
def trap_drop_of_invalid(recording):
    """A stateful gateway that drops what it cannot place; nothing of a healthy connection is
    among it."""
    recording.network.rules(
        "gateway",
        "table inet shield {",
        "chain way { type filter hook forward priority 0; ct state invalid drop",
        "}",
        "}",
    )
    opened = {4: recording.listen(4, SERVICE), 6: recording.listen(6, SERVICE)}
    drop_at(recording.hosts["server"], ("input", "tcp dport 9"))

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        close_in_turn(client, server) if i % 2 else close_in_turn(server, client)

    recording.in_parallel(8, talk)
