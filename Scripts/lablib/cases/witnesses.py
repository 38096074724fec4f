"""RSTs: who sent them, whether they arrive, and what they say about their sender."""

import socket
import struct
import time

from .. import boxes
from ..conversation import (
    abort,
    attempt,
    close_in_turn,
    exchange,
    keep_alive,
    read_to_end,
    receive_exactly,
)
from ..scenes import SMALL
from .registry import SERVICE, case, listeners, plain, rest

ALERT = bytes.fromhex("1503030013") + b"\0" * 19
RESTARTED = {"text": "restarted or failed over"}


def box(kind, *arguments, **options):
    delay = options.pop("delay", (0.003, 0.006))
    return lambda seed: kind(seed, *arguments, delay=delay, **options)


@case(
    "bare-abort-by-client",
    [("abortive-close", "client")],
    ("server", "middle"),
    path=box(boxes.AlteringBox, boxes.bare_resets),
    rivals={
        "half-open-peer-restarted": "the RST answers nothing: all was acknowledged before, and its"
        " sender had sent shortly before",
    },
    client_sysctls={"net.ipv4.ip_default_ttl": 128, "net.ipv4.tcp_timestamps": 0},
)
def bare_abort_by_client(recording):
    """Clients abort as Windows does: a RST without ACK that carries the live number."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        time.sleep(0.3 + 0.4 * (i % 3))
        abort(client)
        time.sleep(0.1)
        server.close()

    recording.in_parallel(5, talk)
    recording.background()


@case(
    "trap-bare-abort-after-close",
    (),
    ("server", "middle"),
    path=box(boxes.AlteringBox, boxes.bare_resets),
    rivals={
        "half-open-peer-restarted": "the client acknowledged the server's FIN a second before:"
        " it had the socket",
        "close-wait-leak": "the client ends what the server has closed",
    },
    client_sysctls={"net.ipv4.ip_default_ttl": 128, "net.ipv4.tcp_timestamps": 0},
)
def trap_bare_abort_after_close(recording):
    """The server closes idle connections; a second later the clients abort their ends by a
    RST without ACK, as browsers on Windows do."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        server.close()
        read_to_end(client)
        time.sleep(1)
        abort(client)

    recording.in_parallel(4, talk)
    recording.background()


@case(
    "reject-midway",
    [("forged-rst", "server|middlebox")],
    ("server", "client"),
    rivals={
        "half-open-peer-restarted": "the server repeats its data after the RST: its socket lives",
    },
    not_said=(RESTARTED,),
    **rest(5),
)
def reject_midway(recording):
    """On the server a firewall rule that rejects by RST is set while connections are up; the
    server's sockets know nothing of it and repeat their data."""
    opened = listeners(recording)
    pairs = []
    for i in range(3):
        version = 6 if i % 2 else 4
        pairs.append(recording.connect(opened[version], version))
        exchange(*pairs[-1], **SMALL)
        recording.keep(*pairs[-1])
    hook = "chain input { type filter hook input priority 0;"
    rule = f"tcp dport {SERVICE} reject with tcp reset"
    rules = f"table inet lab {{\n{hook}\n{rule}\n}}\n}}"
    recording.hosts["server"].run("nft", "-f", "-", input=rules)
    for client, server in pairs:
        server.sendall(b"news from the server")
        attempt(client.sendall, b"a request")
        time.sleep(0.1)
    recording.background()


@case(
    "guessed-rsts",
    [("forged-rst", "middlebox")],
    ("client", "server", "middle"),
    path=box(boxes.GuessingBox, b"stream", delay=(0.01, 0.02)),
    rivals={
        "half-open-peer-restarted": "three RSTs 1024 numbers apart, two of them wrong",
        "abortive-close": "the wrong numbers show a sender who does not know them",
    },
    not_said=(RESTARTED,),
    server_sysctls={"net.ipv4.ip_default_ttl": 128},
    client_sysctls={"net.ipv4.ip_default_ttl": 128},
)
def guessed_rsts(recording):
    """Somebody on the path sends three RSTs with guessed numbers to each end of a running
    transfer; both hosts' own time to live is 128, that of the RSTs 64."""
    opened = {4: recording.listen(4, SERVICE)}

    def talk(i, _):
        client, server = recording.connect(opened[4], 4)
        exchange(client, server, **SMALL)
        time.sleep(0.3)
        attempt(client.sendall, b"stream")
        attempt(receive_exactly, server, 6)
        for _ in range(3):
            attempt(server.sendall, b"r" * 400)
            time.sleep(0.05)
        client.close()
        server.close()

    recording.in_parallel(3, talk)
    recording.background()


@case(
    "killed-at-once",
    [("forged-rst", "middlebox")],
    ("client", "middle"),
    path=box(boxes.KillingBox, SERVICE, delay=(0.04, 0.05)),
    rivals={
        "health-check": "the connection is ended by RSTs that claim to be the server's",
        "service-drops-all": "the times to live of the RSTs are not the server's",
        "abortive-close": "the times to live of the RSTs are not the server's",
    },
    server_sysctls={"net.ipv4.ip_default_ttl": 48},
)
def killed_at_once(recording):
    """A box ends each connection right after its handshake by three RSTs in the server's
    name, each with a time to live of its own; the client tries again every second."""
    opened = {4: recording.listen(4, SERVICE)}
    recording.background()
    for _ in range(8):
        client = recording.client(4)
        attempt(client.connect, opened[4].address)
        time.sleep(0.1)
        attempt(client.sendall, b"GET / HTTP/1.1\r\n\r\n")
        client.close()
        time.sleep(0.9)


@case(
    "rst-does-not-arrive",
    [("rst-not-delivered", "path")],
    ("client", "middle"),
    path=box(boxes.DeafPath, SERVICE, boxes.resets_of_client),
    rivals={
        "retransmit-until-death": "each copy is answered, by a RST",
        "half-open-peer-restarted": "the client closed with data unread before",
        "rst-ignored": "the RSTs have the right number, and no challenge ACK comes",
    },
    **rest(9),
)
def rst_does_not_arrive(recording):
    """The clients are gone; each copy of the server's data is answered by RST, and the RSTs
    are lost behind the tap: the server goes on repeating."""
    opened = listeners(recording)
    for i in range(3):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        recording.keep(server)
        server.sendall(b"unread")
        time.sleep(0.1)
        client.close()
        server.sendall(b"r" * 500)
    recording.background()


@case(
    "user-timeout",
    [("keepalive-failed|abortive-close", "path")],
    ("client", "server"),
    at={"server": {"expected": ()}},
    rivals={"idle-timeout-rst": "the RST is the client's own"},
    not_said=({"text": "unread data|read to the end|linger"},),
)
def user_timeout(recording):
    """The client's kernel ends an idle connection, because a keepalive had no answer within
    TCP_USER_TIMEOUT."""
    opened = listeners(recording)
    pairs = []
    for i in range(2):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        keep_alive(client, 3, 3, 9)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 2000)
        recording.keep(client, server)
        pairs.append((client, server))
    time.sleep(4.5)
    recording.cut_path()
    time.sleep(3)
    recording.heal_path()
    time.sleep(2.5)
    recording.background()


@case(
    "trap-tls-farewell",
    (),
    ("client", "server"),
    rivals={
        "keepalive-race": "after the client's FIN the server sends a closing alert of 24 bytes:"
        " no request was lost",
        "half-open-peer-restarted": "the client has closed before",
    },
)
def trap_tls_farewell(recording):
    """Clients close in TLS's way; the server's close_notify comes after that and is answered
    by RST. All answers were complete."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.sendall(ALERT)
        receive_exactly(server, len(ALERT))
        client.close()
        time.sleep(0.03)
        attempt(server.sendall, ALERT)
        time.sleep(0.05)
        server.close()

    recording.in_parallel(6, talk)


@case(
    "trap-farewell-after-quit",
    (),
    ("client", "server"),
    path=box(boxes.Path, delay=(0.01, 0.02)),
    rivals={
        "keepalive-race": "the client had asked to end the session; what was refused is the"
        " server's last line",
    },
)
def trap_farewell_after_quit(recording):
    """A session ends by QUIT: the client closes after the answer, and the server's last line
    crosses its FIN and is answered by RST."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        server.sendall(b"220 ready\r\n")
        receive_exactly(client, 11)
        exchange(client, server, 2, **SMALL)
        time.sleep(2)
        client.sendall(b"QUIT\r\n")
        receive_exactly(server, 6)
        server.sendall(b"221 bye\r\n")
        receive_exactly(client, 9)
        client.close()
        attempt(server.sendall, b"421 timeout\r\n")
        server.close()

    recording.in_parallel(4, talk)


@case(
    "abort-answer-unread",
    [("abortive-close", "client")],
    ("client", "server"),
    rivals={"half-open-peer-restarted": "the RST has the ACK flag and the live numbers"},
)
def abort_answer_unread(recording):
    """The client closes with the answer unread: its kernel sends a RST instead of a FIN."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        client.sendall(b"q" * 300)
        receive_exactly(server, 300)
        server.sendall(b"r" * 900)
        time.sleep(0.3)
        client.close()
        time.sleep(0.1)
        server.close()

    recording.in_parallel(4, talk)
    recording.background()


@case(
    "abort-late-by-server",
    [("abortive-close", "server")],
    ("server", "client"),
    rivals={
        "half-open-peer-restarted": "the RST answers nothing and has the live numbers",
        "idle-timeout-rst": "the server's RST has the time to live of its other segments",
    },
)
def abort_late_by_server(recording):
    """The server's program aborts connections that were idle for two seconds."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        time.sleep(2)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        server.close()
        time.sleep(0.1)
        client.close()

    recording.in_parallel(4, talk)
    recording.background()


@case(
    "trap-balancer-hops",
    (),
    ("client",),
    path=box(boxes.AlteringBox, boxes.data_from_further_away),
    rivals={
        "forged-rst": "the RST has the time to live of the SYN,ACK and of the ACKs; only the data"
        " came from another hop",
    },
)
def trap_balancer_hops(recording):
    """A balancer opens the connection itself and lets a server further away send the data;
    idle for three seconds, it is ended by the balancer's own RST."""
    opened = {4: recording.listen(4, SERVICE)}

    def talk(i, _):
        client, server = recording.connect(opened[4], 4)
        exchange(client, server, **SMALL)
        time.sleep(3)
        abort(server)
        time.sleep(0.1)
        client.close()

    recording.in_parallel(4, talk)


@case(
    "duplicate-address",
    [("duplicate-address", "server|path|middlebox|nobody")],
    ("inside", "gateway"),
    rivals={
        "half-open-peer-restarted": "the RSTs come from another hardware address",
        "forged-rst": "the RSTs come from another hardware address",
    },
    not_said=(RESTARTED,),
    topology="gateway",
)
def duplicate_address(recording):
    """A second host comes up with the server's address, and the router takes it for the
    server: it answers the open connections by RST."""
    opened = {4: recording.listen(4, SERVICE)}
    network = recording.network
    address = recording.address("server", 4)
    pairs = [recording.connect(opened[4], 4) for _ in range(4)]
    for pair in pairs:
        exchange(*pair, **SMALL)
        recording.keep(*pair)
    recording.hosts["backend"].run("ip", "addr", "add", f"{address}/24", "dev", "b0")
    for client, server in pairs:
        network._know_neighbour("gateway", address, network.hardware["backend"], "br0")
        attempt(client.sendall, b"a request")
        time.sleep(0.2)
        network._know_neighbour("gateway", address, network.hardware["server"], "br0")
        attempt(server.sendall, b"news")
        time.sleep(0.3)
    for _ in range(4):
        client, server = recording.connect(opened[4], 4)
        exchange(client, server, **SMALL)
        close_in_turn(client, server)


@case(
    "address-moved",
    [("half-open-peer-restarted", "server")],
    ("inside",),
    rivals={
        "duplicate-address": "the old hardware address says nothing more: the address has moved",
        "forged-rst": "all of the server's later segments come from where the RSTs came from",
    },
    topology="gateway",
)
def address_moved(recording):
    """A service address fails over to another host, which knows none of the open connections
    and serves all new ones."""
    network = recording.network
    address = recording.address("server", 4)
    opened = recording.listen(4, SERVICE)
    pairs = [recording.connect(opened, 4) for _ in range(4)]
    for pair in pairs:
        exchange(*pair, **SMALL)
        recording.keep(*pair)
    time.sleep(1)
    recording.hosts["server"].run("ip", "link", "set", "s0", "down")
    recording.hosts["backend"].run("ip", "addr", "add", f"{address}/24", "dev", "b0")
    network._know_neighbour("gateway", address, network.hardware["backend"], "br0")
    service = recording.socket("backend", 4)
    service.bind((address, SERVICE))
    service.listen(10)
    recording.keep(service)
    for client, _ in pairs:
        attempt(client.sendall, b"a request")
        time.sleep(0.2)
    for _ in range(5):
        client = recording.client(4)
        client.connect((address, SERVICE))
        server, _ = service.accept()
        exchange(client, server, **SMALL)
        close_in_turn(client, server)


# A stateful firewall of the kernel that forgets


def forgetful_gateway(recording, verdict):
    """Connections that were idle for four seconds are strangers to the gateway."""
    gateway = recording.hosts["gateway"]
    gateway.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)
    gateway.sysctl("net.netfilter.nf_conntrack_tcp_timeout_established", 4)
    recording.network.rules(
        "gateway",
        "table inet shield {",
        "chain way { type filter hook forward priority 0;",
        f"ct state invalid {verdict}",
        "}",
        "}",
    )


def idle_and_go_on(verdict):
    def play(recording):
        forgetful_gateway(recording, verdict)
        opened = listeners(recording)
        pairs = []
        for i in range(8):
            version = 6 if i % 2 else 4
            pairs.append(recording.connect(opened[version], version))
            exchange(*pairs[-1], **SMALL)
            recording.keep(*pairs[-1])
        survivors, killed = pairs[:4], pairs[4:]
        for _ in range(3):
            time.sleep(2)
            for pair in survivors:
                exchange(*pair, **SMALL)
        for client, _ in killed:
            attempt(client.sendall, b"hello again")
            time.sleep(0.1)
        for _ in range(6):
            time.sleep(1)
            for pair in survivors[:2]:
                exchange(*pair, **SMALL)

    return play


KILLED = {
    "half-open-peer-restarted": "only connections that were idle for more than four seconds end",
    "retransmit-until-death": "the same hosts' busy connections go on",
}
case(
    "idle-dropped-by-gateway",
    [("idle-timeout-blackhole", "middlebox")],
    ("client", "middle"),
    rivals=KILLED,
    topology="gateway",
)(
    plain(
        idle_and_go_on("drop"),
        "A stateful gateway forgets connections that were idle for four seconds, and drops what"
        " comes then.",
    )
)
case(
    "idle-rejected-by-gateway",
    [("idle-timeout-rst", "middlebox")],
    ("client", "middle"),
    rivals=KILLED,
    topology="gateway",
)(
    plain(
        idle_and_go_on("reject with tcp reset"),
        "A stateful gateway forgets connections that were idle for four seconds, and answers what"
        " comes then by RST.",
    )
)
