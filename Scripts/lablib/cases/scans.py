"""Scans of every kind, floods, and what only resembles them."""

import socket
import time

from ..conversation import attempt, close_in_turn, exchange
from ..forwarder import Path
from ..packets import ACK, FIN, MSS_OPTION, PSH, SYN, URG
from ..scenes import SMALL, drop_at
from .registry import OTHER, SERVICE, case, plain

FEW = {"snapshot_length": 78}
NO_CONNECTION = {
    "half-open-peer-restarted": "no connection was open before the probe",
    "abortive-close": "no handshake: there was no connection to abort",
}
SCAN = [("port-scan", "client")]
NO_PORTS = {"text": "tried 0 ports"}


def probes(flags, name, window=1024):
    """One segment with `flags` to each of some sixty ports, from a raw socket: most are
    closed, a few are filtered, one is open."""

    def play(recording):
        listener = recording.listen(4, OTHER)
        first = recording.random.randint(1000, 20000)
        ports = list(range(first, first + recording.random.randint(55, 70))) + [OTHER]
        recording.random.shuffle(ports)
        drop_at(recording.hosts["server"], ("input", f"tcp dport {first}-{first + 6}"))
        peer = recording.raw_peer(4)
        own = recording.random.randint(34000, 64000)
        number = recording.random.getrandbits(32)
        for port in ports:
            peer.send(
                own,
                port,
                number,
                recording.random.getrandbits(32) if flags & ACK else 0,
                flags,
                options=MSS_OPTION if flags & SYN else b"",
                time_to_live=recording.random.randint(37, 59),
                window=window,
            )
            time.sleep(0.01)
        close_in_turn(*recording.connect(listener, 4))
        time.sleep(0.3)

    play.__doc__ = f"{name}: one segment to each of some sixty ports of one host."
    return play


KINDS = {
    "ack": (ACK, "An ACK scan"),
    "fin": (FIN, "A FIN scan"),
    "null": (0, "A scan with no flag set"),
    "xmas": (FIN | PSH | URG, "A scan with FIN, PSH and URG"),
    "maimon": (FIN | ACK, "A scan with FIN and ACK"),
}
for kind, (bits, words) in KINDS.items():
    case(
        f"scan-{kind}",
        SCAN,
        ("server", "client"),
        rivals=NO_CONNECTION,
        not_said=(NO_PORTS, "forged-rst", "keepalive-race"),
        **FEW,
    )(probes(bits, words))
case("scan-window", SCAN, ("server",), rivals=NO_CONNECTION, not_said=(NO_PORTS,), **FEW)(
    probes(ACK, "A window scan, whose segments are those of an ACK scan", window=4096)
)


case("scan-ack-lossy", SCAN, ("middle",), loss=0.05, rivals=NO_CONNECTION, **FEW)(
    probes(*KINDS["ack"])
)
case("scan-fin-lossy", SCAN, ("middle",), loss=0.05, rivals=NO_CONNECTION, **FEW)(
    probes(*KINDS["fin"])
)


@case(
    "scan-half-open",
    SCAN,
    ("server", "client"),
    rivals={
        "forged-rst": "the RST of the scanner's own kernel follows the SYN,ACK at once; only the"
        " hand-made SYN has another time to live",
    },
    not_said=(NO_PORTS,),
    **FEW,
)
def scan_half_open(recording):
    """A SYN scan from a raw socket with times to live at random; the scanner's kernel, which
    knows of no socket, answers each SYN,ACK by RST."""
    listener = recording.listen(4, OTHER)
    recording.listen(4, SERVICE)
    peer = recording.raw_peer(4)
    peer.own = socket.inet_aton(recording.address("client", 4))
    first = recording.random.randint(1000, 7000)
    ports = [*range(first, first + 60), OTHER, SERVICE]
    recording.random.shuffle(ports)
    own = recording.random.randint(61000, 65000)
    for port in ports:
        life = recording.random.randint(37, 59)
        number = recording.random.getrandbits(32)
        peer.send(own, port, number, 0, SYN, options=MSS_OPTION, time_to_live=life, window=1024)
        time.sleep(0.01)
    close_in_turn(*recording.connect(listener, 4))


@case(
    "scan-slow",
    SCAN,
    ("server",),
    rivals={"refused": "one source, many ports: no service is missed"},
    not_said=(NO_PORTS,),
    **FEW,
)
def scan_slow(recording):
    """One source tries a port every third of a second, with whole connections."""
    listener = recording.listen(4, OTHER)
    for port in recording.random.sample(range(1000, 9000), 45):
        client = recording.client(4)
        attempt(client.connect, (recording.address("server", 4), port))
        client.close()
        time.sleep(0.3)
    close_in_turn(*recording.connect(listener, 4))


@case(
    "scan-horizontal",
    SCAN,
    ("server", "client"),
    rivals={"refused": "one source asks for one port on dozens of hosts: no service is missed"},
    not_said=(NO_PORTS, {"diagnosis": "refused", "severity": "warning|critical"}),
    **FEW,
)
def scan_horizontal(recording):
    """One source tries one port on fifty hosts: most refuse, some say nothing, two answer."""
    tails = recording.random.sample(range(100, 250), 50)
    hosts = [recording.network.add_address("server", 4, tail) for tail in tails]
    silent = ", ".join(hosts[:6])
    drop_at(recording.hosts["server"], ("input", f"ip daddr {{ {silent} }} tcp dport 22"))
    opened = recording.socket("server", 4)
    opened.bind((hosts[6], 22))
    opened.listen(5)
    recording.keep(opened)
    for address in hosts:
        client = recording.client(4)
        client.setblocking(False)
        attempt(client.connect, (address, 22))
        recording.keep(client)
        time.sleep(0.02)
    time.sleep(0.5)
    recording.background()


def spoofed(recording, count, tails):
    """Addresses of the client's subnet that nobody has; what the server answers is lost."""
    addresses = [f"{recording.network.prefix4}.1.{tail}" for tail in tails]
    for address in addresses:
        recording.network._know_neighbour("server", address, recording.network.hardware["client"])
    named = ", ".join(addresses)
    drop_at(recording.hosts["client"], ("input", f"ip daddr {{ {named} }}"))
    return [recording.random.choice(addresses) for _ in range(count)]


@case(
    "flood-beside-service",
    [("syn-flood", "client")],
    ("server", "client"),
    rivals={
        "accept-queue-full": "the real clients' handshakes are completed meanwhile",
        "port-scan": "one port",
    },
    not_said=("syn-recv-stuck",),
    snapshot_length=78,
)
def flood_beside_service(recording):
    """SYNs from a hundred invented addresses beside real clients, who are served: most SYNs
    of real clients complete, most SYNs do not."""
    opened = recording.listen(4, SERVICE)
    sources = spoofed(recording, 220, range(120, 220))
    peer = recording.raw_peer(4)

    def attack():
        for source in sources:
            peer.own = socket.inet_aton(source)
            number = recording.random.getrandbits(32)
            port = recording.random.randint(1024, 65000)
            peer.send(port, SERVICE, number, 0, SYN, options=MSS_OPTION)
            time.sleep(0.004)

    def talk(i, _):
        if i == 0:
            attack()
            return
        client, server = recording.connect(opened, 4)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)

    recording.in_parallel(40, talk, 1.0)


@case(
    "flood-many-targets",
    [("syn-flood", "client")],
    ("server", "client"),
    rivals={"port-scan": "no source asks twice: the addresses are invented"},
    snapshot_length=78,
)
def flood_many_targets(recording):
    """SYNs from invented addresses to forty addresses and to ports at random."""
    tails = recording.random.sample(range(20, 100), 40)
    targets = [recording.network.add_address("server", 4, tail) for tail in tails]
    sources = spoofed(recording, 200, range(110, 250))
    peer = recording.raw_peer(4)
    for source in sources:
        peer.own = socket.inet_aton(source)
        peer.peer = socket.inet_aton(recording.random.choice(targets))
        ports = recording.random.sample(range(1024, 65000), 2)
        peer.send(*ports, recording.random.getrandbits(32), 0, SYN, options=MSS_OPTION)
        time.sleep(0.002)
    recording.background()


# What only resembles a scan or a flood


def calls(count, spread):
    """Whole connections from a dozen addresses."""

    def play(recording):
        opened = recording.listen(4, SERVICE)
        tails = recording.random.sample(range(20, 100), 12)
        sources = [recording.network.add_address("client", 4, tail) for tail in tails]

        def talk(i, _):
            client, server = recording.connect(opened, 4, address=sources[i % len(sources)])
            exchange(client, server, **SMALL)
            close_in_turn(client, server)

        recording.in_parallel(count, talk, spread)

    return play


rush = calls(100, 1.0)
RUSH = "A rush: a hundred real connections a second over a path of 200 ms, all of them served."
LONG = {"path": lambda seed: Path(seed, (0.095, 0.105)), "snapshot_length": 78}


def lossy(seed):
    return Path(seed, (0.095, 0.105), loss=0.02)


NO_FLOOD = {
    "syn-flood": "every handshake completes within the round trip",
    "port-scan": "one port",
}
case("trap-rush", (), ("server", "client"), rivals=NO_FLOOD, **LONG)(plain(rush, RUSH))
case("trap-rush-lossy", (), ("server",), path=lossy, rivals=NO_FLOOD, snapshot_length=78)(
    plain(rush, f"{RUSH} The path loses segments.")
)
case(
    "trap-rush-syn-filter",
    (),
    ("server", "client"),
    keeps="tcp[13] & 0x17 == 2",
    rivals={
        "syn-flood": "no SYN is ever repeated: they were answered",
        "syn-filtered": "no SYN is ever repeated: they were answered",
    },
    quality="flags|filter",
    **LONG,
)(plain(calls(140, 5.0), "A busy service for five seconds; the capture filter keeps SYNs only."))


@case(
    "trap-inventory",
    (),
    ("server",),
    rivals={"port-scan": "every port is open, and every connection is closed in order"},
    **FEW,
)
def trap_inventory(recording):
    """A monitor asks each of a dozen services of one host and closes."""
    ports = recording.random.sample(range(1000, 9000), 12)
    for port in ports:
        client, server = recording.connect(recording.listen(4, port), 4)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)


@case(
    "trap-administrator",
    (),
    ("server", "client"),
    rivals={"port-scan": "every host answers, and every session is closed in order"},
    **FEW,
)
def trap_administrator(recording):
    """One client works through twenty-five hosts on one port: all of them answer."""
    tails = recording.random.sample(range(100, 250), 25)
    for tail in tails:
        opened = recording.socket("server", 4)
        opened.bind((recording.network.add_address("server", 4, tail), 22))
        opened.listen(5)
        client = recording.client(4)
        client.connect(opened.getsockname())
        server, _ = opened.accept()
        exchange(client, server, **SMALL)
        close_in_turn(client, server)
        opened.close()


@case(
    "trap-strangers",
    (),
    ("server",),
    rivals={"port-scan": "no source tries a second port"},
    not_said=({"diagnosis": "refused", "severity": "warning|critical"},),
    **FEW,
)
def trap_strangers(recording):
    """Thirty strangers knock once each, at thirty closed ports: the noise of any public
    address, and nobody's work."""
    tails = recording.random.sample(range(100, 250), 30)
    ports = recording.random.sample(range(1, 20000), 30)
    recording.background(6)
    for tail, port in zip(tails, ports):
        address = recording.network.add_address("client", 4, tail)
        client = recording.client(4, address=address)
        attempt(client.connect, (recording.address("server", 4), port))
        client.close()
        time.sleep(0.1)
