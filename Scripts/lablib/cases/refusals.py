"""Handshakes that fail, and who made them fail."""

import socket
import time

from .. import boxes
from ..conversation import answer, ask, attempt, close_in_turn, exchange, forget
from ..forwarder import Path
from ..packets import MSS_OPTION, SYN
from ..scenes import SMALL, drop_at
from .registry import SERVICE, case, listeners, plain

GATEWAY = {"topology": "gateway"}
HEAD = ("table inet box {", "chain way { type filter hook forward priority 0;")


def gateway_rule(recording, *rules):
    recording.network.rules("gateway", *HEAD, *rules, "}", "}")


def call(recording, port, count, spread=1.0, timeout=7):
    """Connections that are expected to fail, kept open."""

    def one(i, version):
        client = recording.client(version)
        client.settimeout(timeout)
        recording.keep(client)
        attempt(client.connect, (recording.address("server", version), port))

    recording.in_parallel(count, one, spread)


@case(
    "refused-by-gateway",
    [("refused", "middlebox|path")],
    ("client",),
    rivals={
        "forged-rst": "there was no connection: a SYN was refused, by a device of the path",
    },
    not_said=({"text": "the host is up and nothing listens there"},),
    **GATEWAY,
)
def refused_by_gateway(recording):
    """A firewall before the server refuses SYNs to one port by RST; the RST has the time to
    live of the firewall, the server's segments one less."""
    gateway_rule(recording, f"tcp dport {SERVICE} reject with tcp reset")
    listeners(recording)
    recording.background(6)
    call(recording, SERVICE, 5)
    recording.background(4)


@case(
    "refused-by-server-routed",
    [("refused", "server")],
    ("client", "server"),
    rivals={
        "forged-rst": "the RST has the time to live of the server's other segments",
        "half-dead-pool": "no connection of that port ever succeeds",
    },
    **GATEWAY,
)
def refused_by_server_routed(recording):
    """Nothing listens, seen through a router: the RST has the server's own time to live."""
    recording.background(6)
    call(recording, SERVICE, 5)


@case(
    "refused-number-rewritten",
    [("refused|forged-rst", "middlebox|path")],
    ("client", "middle"),
    path=lambda seed: boxes.AlteringBox(
        seed, boxes.refusals_with_other_number, delay=(0.003, 0.006)
    ),
    rivals={"accept-queue-full": "each SYN is answered by RST"},
    not_said=({"diagnosis": "refused", "grade": "proved"},),
)
def refused_number_rewritten(recording):
    """A firewall rewrites the number of the RST that refuses a SYN: the client may not take
    it, and repeats its SYN."""
    recording.background(3)
    call(recording, SERVICE, 3, timeout=9)


@case(
    "refused-until-started",
    [("refused", "server")],
    ("client", "server"),
    rivals={"half-dead-pool": "all refusals come before the first success, none after"},
)
def refused_until_started(recording):
    """A service is started again: its port refuses for two seconds, then it serves."""
    for i in range(8):
        version = 6 if i % 2 else 4
        client = recording.client(version)
        attempt(client.connect, (recording.address("server", version), SERVICE))
        client.close()
        time.sleep(0.25)
    opened = listeners(recording)
    for i in range(10):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)
        time.sleep(0.1)


@case(
    "prohibited-by-gateway",
    [("syn-filtered|refused", "middlebox|path")],
    ("client",),
    rivals={"accept-queue-full": "an ICMP error of the gateway answers each SYN"},
    not_said=({"diagnosis": "refused", "fault": "server"},),
    **GATEWAY,
)
def prohibited_by_gateway(recording):
    """A firewall answers SYNs by ICMP "administratively prohibited"."""
    gateway_rule(recording, f"tcp dport {SERVICE} reject with icmpx type admin-prohibited")
    listeners(recording)
    recording.background(4)
    call(recording, SERVICE, 5)


@case(
    "ecn-syn-reset",
    [("refused|forged-rst", "middlebox|path")],
    ("client",),
    rivals={
        "half-dead-pool": "every SYN with ECE and CWR is reset, every SYN without is served",
    },
    not_said=({"text": "the host is up and nothing listens there"},),
    **GATEWAY,
)
def ecn_syn_reset(recording):
    """A box resets SYNs that ask for ECN; SYNs that do not are served by a healthy server."""
    gateway_rule(
        recording,
        "tcp flags & (syn | ack | ecn | cwr) == syn | ecn | cwr reject with tcp reset",
    )
    opened = listeners(recording)
    for i in range(14):
        version = 6 if i % 2 else 4
        recording.hosts["client"].sysctl("net.ipv4.tcp_ecn", int(i % 3 == 0))
        client = recording.client(version)
        if attempt(client.connect, opened[version].address) is None:
            server = opened[version].accepted(client.getsockname())
            exchange(client, server, **SMALL)
            close_in_turn(client, server)
        client.close()
        time.sleep(0.1)


@case(
    "last-ack-of-handshake-blocked",
    [("syn-recv-stuck", "path|middlebox|nobody")],
    ("client", "server"),
    at={
        "client": {
            "not_said": ({"diagnosis": "accept-queue-full", "fault": "server"},),
        },
    },
    not_said=(
        {"diagnosis": "accept-queue-full"},
        {"fault": "client", "diagnosis": "syn-recv-stuck"},
    ),
    **GATEWAY,
)
def last_ack_of_handshake_blocked(recording):
    """A firewall that saw only one way of the connection drops the client's ACK and its data
    to one port: the client believes in a connection, the server does not."""
    gateway_rule(recording, f"tcp dport {SERVICE} tcp flags & syn == 0 drop")
    opened = listeners(recording)
    recording.background(4)

    def talk(i, version):
        client = recording.client(version)
        client.connect(opened[version].address)
        client.sendall(b"a request" * 5)
        recording.keep(client)

    recording.in_parallel(4, talk)
    recording._rest(8)


@case(
    "cookie-last-ack-lost",
    [("syn-recv-stuck", "path")],
    ("server", "middle"),
    path=lambda seed: boxes.DeafPath(seed, SERVICE, boxes.last_of_handshake, delay=(0.003, 0.006)),
    server_sysctls={"net.ipv4.tcp_syncookies": 2},
    at={"middle": {"expected": (), "not_said": ("accept-queue-full",)}},
    not_said=("accept-queue-full", {"text": "resending SYN-ACK"}),
    rivals={"syn-flood": "three SYNs"},
)
def cookie_last_ack_lost(recording):
    """The last ACK of three handshakes is lost, and the server keeps nothing, for it uses SYN
    cookies; the clients wait for its greeting for ever."""
    opened = listeners(recording)
    recording.background(4)
    for i in range(3):
        version = 6 if i % 2 else 4
        client = recording.client(version)
        client.connect(opened[version].address)
        recording.keep(client)
    recording._rest(16)


@case(
    "old-socket-answers",
    [("port-reuse-collision", "client")],
    ("client", "middle"),
    path=lambda seed: boxes.DeafPath(seed, SERVICE, boxes.resets_of_client, delay=(0.003, 0.006)),
    rivals={
        "syn-filtered": "every SYN is answered, by an ACK with old numbers",
        "accept-queue-full": "no handshake is under way: the server holds an old connection",
    },
)
def old_socket_answers(recording):
    """The server still holds the old connection of a port; it answers each SYN by an ACK with
    the old numbers, and the client's RST never reaches it."""
    opened = listeners(recording)
    recording.background(4)
    for i in range(2):
        version = 6 if i % 2 else 4
        port = recording.client_port()
        client, server = recording.connect(opened[version], version, port=port)
        exchange(client, server, **SMALL)
        recording.keep(server)
        time.sleep(0.2)
        forget(client)
        again = recording.client(version, port)
        again.settimeout(6)
        recording.keep(again)
        attempt(again.connect, opened[version].address)


def burst(version):
    """Two bursts of clients, from as many places as there are ports."""

    def play(recording):
        opened = recording.listen(version, SERVICE)

        def talk(i, _):
            client, server = recording.connect(opened, version)
            exchange(client, server, **SMALL)
            close_in_turn(client, server)

        recording.in_parallel(20 + recording.random.randint(0, 6), talk, 0.2)
        recording.in_parallel(18, talk, 0.2)

    return play


SHORT_QUEUE = (
    "The queue of half-open connections is short and the round trip long: of each burst of SYNs"
    " some are dropped by the server's kernel, and come again a second later."
)
for version in (4, 6):
    case(
        f"syn-queue-drop-ipv{version}",
        [("syn-queue-drop|slow-handshake", "server")],
        ("server",),
        path=lambda seed: Path(seed, (0.2, 0.25)),
        server_sysctls={"net.ipv4.tcp_syncookies": 0, "net.ipv4.tcp_max_syn_backlog": 8},
        rivals={
            "accept-queue-full": "every handshake whose SYN is answered completes at once",
            "syn-filtered": "SYNs to the same port are answered within the same second",
        },
    )(plain(burst(version), SHORT_QUEUE))


@case(
    "paws-behind-nat",
    [("paws-behind-nat", "server|middlebox")],
    ("server", "middle"),
    topology="gateway",
    is_bridge_inside=True,
    path=lambda seed: boxes.RecyclingHost(seed, 48_000, delay=(0.003, 0.006)),
    client_sysctls={"net.ipv4.tcp_timestamps": 2},
    at={
        "server": {"expected": (), "not_said": ("accept-queue-full",)},
    },
    rivals={
        "accept-queue-full": "the dropped SYNs have older time stamps than others of the address",
        "syn-queue-drop": "the dropped SYNs have older time stamps than others of the address",
        "syn-filtered": "SYNs of the same address with newer time stamps are answered",
    },
)
def paws_behind_nat(recording):
    """Two clients behind one NAT address, whose clocks differ; the server recycles TIME_WAIT
    by time stamps and drops the SYNs of the one whose clock is behind."""
    snat = "type nat hook postrouting priority 100; oifname br0 tcp dport 8080 masquerade"
    recording.network.rules("gateway", "table inet nat {", f"chain out {{ {snat}; }}", "}")
    recording.serve(answer, port=SERVICE)
    sources = [recording.address("client", 4), recording.network.add_address("client", 4, 3)]
    ports = [range(36_000, 47_000), range(48_000, 60_000)]

    def talk(i, _):
        port = recording.random.choice(ports[i % 2])
        client = recording.client(4, port, sources[i % 2])
        client.settimeout(6)
        recording.keep(client)
        if attempt(client.connect, (recording.address("server", 4), SERVICE)) is None:
            ask(client)

    recording.in_parallel(16, talk, 3.0)


# One of several behind one address


def pool(recording, second_listens=True):
    """A virtual address whose new connections go to server and backend in turn."""
    virtual = recording.address("virtual", 4)
    ends = [recording.address(side, 4) for side in ("server", "backend")]
    balance = f"dnat to numgen inc mod 2 map {{ 0 : {ends[0]}, 1 : {ends[1]} }}"
    recording.network.rules(
        "gateway",
        "table ip balancer {",
        "chain in { type nat hook prerouting priority -100;",
        f"ip daddr {virtual} tcp dport {SERVICE} {balance}",
        "}",
        "}",
    )
    recording.serve(answer, port=SERVICE)
    if second_listens:
        recording.serve(answer, "backend", port=SERVICE)
    return virtual, SERVICE


def pool_calls(count, second_listens):
    def play(recording):
        address = pool(recording, second_listens)
        for _ in range(count + recording.random.randint(0, 4)):
            client = recording.client(4)
            if attempt(client.connect, address) is None:
                ask(client)
            client.close()
            time.sleep(0.1)

    return play


POOL = "One of two backends behind one address has no listener: every other call is refused."
case(
    "half-dead-pool",
    [("half-dead-pool|refused", "server", "inferred", "backend")],
    ("client",),
    rivals={"port-scan": "one port"},
    not_said=({"text": "the host is up and nothing listens there"},),
    **GATEWAY,
)(plain(pool_calls(14, False), POOL))
case(
    "half-dead-pool-lossy",
    [("half-dead-pool|refused", "server", "inferred", "backend")],
    ("middle",),
    loss=0.03,
    rivals={"port-scan": "one port"},
    not_said=({"text": "the host is up and nothing listens there"},),
    **GATEWAY,
)(plain(pool_calls(18, False), POOL))
case(
    "trap-healthy-pool",
    (),
    ("client", "gateway"),
    rivals={"half-dead-pool": "every connection is served"},
    snapshot_length=80,
    **GATEWAY,
)(plain(pool_calls(12, True), "Two healthy backends behind one address, used in turn."))


@case(
    "half-dead-pool-silent",
    [("half-dead-pool|syn-filtered", "server|path", None, "backend")],
    ("client",),
    rivals={
        "accept-queue-full": "the tap is at the client, and every other SYN is served at once",
        "slow-handshake": "the repeated SYNs of one connection are never answered",
    },
    **GATEWAY,
)
def half_dead_pool_silent(recording):
    """One of two backends behind one address is switched off: every other call is never
    answered."""
    drop_at(recording.hosts["backend"], ("input", f"tcp dport {SERVICE}"))
    address = pool(recording)

    def one(i, _):
        client = recording.client(4)
        client.settimeout(7)
        recording.keep(client)
        if attempt(client.connect, address) is None:
            ask(client)

    recording.in_parallel(12, one, 3.0)


@case(
    "listener-closed",
    [("abortive-close", "server")],
    ("server", "client"),
    rivals={
        "half-open-peer-restarted": "all RSTs are sent at one moment, each with the ACK flag and"
        " the live connection's numbers",
        "idle-timeout-rst": "one moment for all, whatever their idle time",
    },
)
def listener_closed(recording):
    """A program that does not accept ends: its kernel resets every connection that waits in
    the queue, all at one moment."""
    opened = recording.socket("server", 4)
    opened.bind((recording.address("server", 4), SERVICE))
    opened.listen(20)
    recording.background(3)

    def talk(i, _):
        client = recording.client(4)
        client.connect(opened.getsockname())
        client.sendall(b"a request")
        recording.keep(client)

    recording.in_parallel(6, talk, 1.5)
    time.sleep(1)
    opened.close()
    time.sleep(0.3)


@case(
    "trap-half-open-probe",
    [("health-check", None)],
    ("server", "client"),
    rivals={"abortive-close": "the prober ends its own probe, every time", "port-scan": "one port"},
)
def trap_half_open_probe(recording):
    """A balancer tests a port once a second by SYN, SYN,ACK, RST."""
    listeners(recording)
    recording.background(3)
    peer = recording.raw_peer(4)
    peer.own = socket.inet_aton(recording.address("client", 4))
    began = time.monotonic()
    for i in range(10):
        time.sleep(max(began + i - time.monotonic(), 0))
        number = recording.random.getrandbits(32)
        peer.send(
            recording.random.randint(61000, 65000), SERVICE, number, 0, SYN, options=MSS_OPTION
        )
    time.sleep(1)
