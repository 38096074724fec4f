"""The small captures: one kind of connection each, a few of them, IPv4 and IPv6."""

import dataclasses
import threading
import time

from .conversation import (
    abort,
    attempt,
    close_in_turn,
    exchange,
    fill,
    forget,
    keep_alive,
    read_to_end,
    receive_exactly,
    stop_sending,
)
from .forwarder import Path
from .packets import MSS_OPTION, SYN
from .recording import Setting

SMALL = {"size": 300}

SCENES = {}


@dataclasses.dataclass
class Scene:
    """A capture's name, what happens in it, and how it is stored."""

    name: str
    play: object
    vantage: str
    container: str
    setting: Setting

    @property
    def description(self):
        return " ".join(self.play.__doc__.split())


def scene(name, vantage, container="pcap-ns", delay=(0.003, 0.006), **settings):
    """Registers a scene. `container` is pcap-us, pcap-ns or pcapng."""

    def register(play):
        settings.setdefault("snapshot_length", 128)
        setting = Setting(
            path=lambda recording: Path(recording.seed, delay),
            precision="micro" if container == "pcap-us" else "nano",
            **settings,
        )
        SCENES[name] = Scene(name, play, vantage, container, setting)
        return play

    return register


def drop_at(host, *rules):
    """Adds nftables rules to a host: ("input", "tcp dport 80") drops what matches."""
    lines = ["add table inet lab"]
    for chain in ("input", "output"):
        hook = f"type filter hook {chain} priority 0;"
        lines.append(f"add chain inet lab {chain} {{ {hook} }}")
    lines += [f"add rule inet lab {chain} {match} drop" for chain, match in rules]
    host.run("nft", "-f", "-", input="\n".join(lines))


@scene("clean-close-by-client", vantage="client")
def clean_close_by_client(recording):
    """The client closes first: it ends in TIME_WAIT, the server in CLOSED."""
    listeners = {4: recording.listen(4, 80), 6: recording.listen(6, 80)}

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server, 1 + i % 3)
        if i % 4 < 2:
            close_in_turn(client, server)
        else:
            client.close()
            read_to_end(server)
            time.sleep(0.05)
            server.close()

    recording.in_parallel(6, talk)


@scene("clean-close-by-server", vantage="server", container="pcap-us")
def clean_close_by_server(recording):
    """The server closes first: it ends in TIME_WAIT, the client in CLOSED."""
    listeners = {4: recording.listen(4, 80), 6: recording.listen(6, 80)}

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server, 1 + i % 3)
        close_in_turn(server, client)

    recording.in_parallel(6, talk)


@scene("simultaneous-close", vantage="mid", delay=(0.02, 0.03))
def simultaneous_close(recording):
    """The FINs cross: both sides go through CLOSING and end in TIME_WAIT."""
    listeners = recording.listen_on_both()

    def talk(_, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server, **SMALL)
        time.sleep(0.1)
        together = threading.Barrier(2)

        def close(end):
            together.wait()
            end.close()

        other = threading.Thread(target=close, args=(server,))
        other.start()
        close(client)
        other.join()

    recording.in_parallel(4, talk)


@scene("close-wait-leak", vantage="server", container="pcap-us", interface="any")
def close_wait_leak(recording):
    """The clients have closed, the server's program never does: CLOSE_WAIT at the
    server for good, FIN_WAIT2 at the clients. One connection ends as it should."""
    listeners = {4: recording.listen(4, 8080), 6: recording.listen(6, 8080)}

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server, 2, **SMALL)
        if i == 7:
            close_in_turn(client, server)
            return
        recording.keep(server)
        if i % 4 < 2:
            client.close()
        else:
            stop_sending(client)
            recording.keep(client)

    recording.in_parallel(8, talk, spread=1.5)
    time.sleep(1)


@scene("fin-wait-2-held", vantage="client")
def fin_wait_2_held(recording):
    """The server has closed its direction and waits in FIN_WAIT2; the client's program
    does not follow and stays in CLOSE_WAIT. One connection ends as it should."""
    listeners = {4: recording.listen(4, 5432), 6: recording.listen(6, 5432)}

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server, 2, **SMALL)
        if i == 4:
            close_in_turn(server, client)
            return
        stop_sending(server)
        recording.keep(client, server)

    recording.in_parallel(5, talk)
    time.sleep(1)


@scene("half-close-working", vantage="client", container="pcapng")
def half_close_working(recording):
    """The client has sent its FIN, the server goes on sending: a half-close that works.
    Three connections are closed in the end, one still transfers when the capture ends."""
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        client.sendall(b"give me everything\n")
        stop_sending(client)
        read_to_end(server)
        for _ in range(14 if i == 3 else 4 + i):
            server.sendall(b"r" * 400)
            receive_exactly(client, 400)
            time.sleep(0.2)
        if i == 3:
            recording.keep(client, server)
            return
        server.close()
        read_to_end(client)
        client.close()

    recording.in_parallel(4, talk)


@scene("syn-unanswered", vantage="client", container="pcap-us")
def syn_unanswered(recording):
    """A firewall at the server drops the SYNs to port 8443: SYN_SENT with retries. One
    connection to another port works."""
    listener = recording.listen(4, 80)
    drop_at(recording.hosts["server"], ("input", "tcp dport 8443"))

    def call(i, version):
        if i == 4:
            close_in_turn(*recording.connect(listener, 4))
            return
        client = recording.client(version)
        client.settimeout(4)
        attempt(client.connect, (recording.address("server", version), 8443))
        recording.keep(client)

    recording.in_parallel(5, call)


@scene("syn-recv-stuck", vantage="server")
def syn_recv_stuck(recording):
    """SYN/ACKs that nothing answers: two clients never get them and repeat their SYN,
    two SYNs come from an address where nobody is. SYN_RECV at the server."""
    listeners = {4: recording.listen(4, 80), 6: recording.listen(6, 80)}
    drop_at(recording.hosts["client"], ("input", "tcp sport 80 tcp flags & (syn|ack) == syn|ack"))
    for version in (4, 6):
        peer = recording.raw_peer(version)
        number = recording.random.getrandbits(32)
        port = recording.client_port()
        peer.send(port, 80, number, 0, SYN, options=MSS_OPTION)

    def call(_, version):
        client = recording.client(version)
        client.settimeout(4)
        attempt(client.connect, listeners[version].address)
        recording.keep(client)

    recording.in_parallel(2, call)


@scene("refused", vantage="client", container="pcap-us")
def refused(recording):
    """Nobody listens: each SYN is answered by a reset, SYN_SENT goes to CLOSED."""

    def call(i, version):
        client = recording.client(version)
        attempt(client.connect, (recording.address("server", version), 9090 + i % 3))
        client.close()

    recording.in_parallel(6, call)


@scene("reset-by-client", vantage="server")
def reset_by_client(recording):
    """The client aborts: while established, with unread data, after the server's FIN,
    after its own FIN. Both sides end in CLOSED."""
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server, **SMALL)
        if i // 2 == 1:
            server.sendall(b"never read" * 20)
        elif i // 2 == 2:
            stop_sending(server)
        elif i // 2 == 3:
            stop_sending(client)
        time.sleep(0.1)
        if i // 2 == 1:
            client.close()
        else:
            abort(client)
        time.sleep(0.1)
        server.close()

    recording.in_parallel(8, talk)


@scene("reset-by-server", vantage="client", container="pcapng")
def reset_by_server(recording):
    """The server resets: by an abort, by closing with unread data, and by the answer to
    data for a socket that is gone (a client that talks on after the server closed)."""
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server, **SMALL)
        if i // 2 == 1:
            client.sendall(b"never read" * 20)
            time.sleep(0.1)
        if i // 2 == 0:
            abort(server)
        else:
            server.close()
        time.sleep(0.1)
        if i // 2 == 2:
            attempt(client.sendall, b"too late")
        time.sleep(0.1)
        client.close()

    recording.in_parallel(6, talk)


@scene("half-open", vantage="server")
def half_open(recording):
    """Clients that vanish without a packet. Two servers have data that nobody takes and
    retransmit; two probe by keepalive without an answer; of one, the client's kernel
    has lost its socket (a host that restarted). The servers stay ESTABLISHED. One
    connection to a living client exchanges keepalives."""
    listeners = recording.listen_on_both()
    gone = {4: recording.network.add_address("client", 4, 66)}
    gone[6] = recording.network.add_address("client", 6, 66)
    pairs = []
    for i in range(5):
        version = 6 if i % 2 else 4
        pair = recording.connect(listeners[version], version, address=gone[version])
        exchange(*pair, **SMALL)
        pairs.append(pair)
    alive = recording.connect(listeners[4], 4)
    exchange(*alive, **SMALL)
    keep_alive(alive[1])
    time.sleep(0.3)
    client_host = recording.hosts["client"]
    drop_at(
        client_host,
        ("input", f"ip daddr {gone[4]}"),
        ("output", f"ip saddr {gone[4]}"),
        ("input", f"ip6 daddr {gone[6]}"),
        ("output", f"ip6 saddr {gone[6]}"),
    )
    forget(pairs[4][0])
    for i, (client, server) in enumerate(pairs):
        recording.keep(client, server)
        if i in (0, 1, 4):
            server.sendall(b"is anybody there?")
        else:
            keep_alive(server)
    recording.keep(*alive)
    time.sleep(4.5)


@scene("zero-window-stall", vantage="mid")
def zero_window_stall(recording):
    """The receiver's program does not read: window 0, the sender probes, both stay
    ESTABLISHED with full queues. The stall of one connection is over and it closed."""
    listeners = recording.listen_on_both(receive_buffer=4096)

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        fill(client)
        time.sleep(2)
        if i == 2:
            stop_sending(client)
            read_to_end(server)
            server.close()
            read_to_end(client)
            client.close()
        else:
            recording.keep(client, server)
            time.sleep(1.5)

    recording.in_parallel(3, talk, spread=0.5)


@scene(
    "port-reuse",
    vantage="server",
    sysctls={"net.ipv4.tcp_tw_reuse": 1, "net.ipv4.tcp_tw_reuse_delay": 100},
)
def port_reuse(recording):
    """The same addresses and ports three times: a SYN meets the TIME_WAIT of the server,
    or leaves the TIME_WAIT of the client. Each is a connection of its own; the last
    one of each tuple is still established."""
    listeners = recording.listen_on_both()

    def talk(i, version):
        port = recording.client_port()
        for incarnation in range(3):
            client, server = recording.connect(listeners[version], version, port=port)
            exchange(client, server, **SMALL)
            if incarnation == 2:
                recording.keep(client, server)
            elif i // 2 == 0:
                close_in_turn(server, client)
            else:
                close_in_turn(client, server)
            time.sleep(1.3)

    recording.in_parallel(4, talk)


@scene("mid-stream-start", vantage="client", starts_late=True)
def mid_stream_start(recording):
    """The capture begins when the connections are under way: no handshake. They are
    closed by the client, by the server, by a reset; one is half-closed and goes on;
    two stay established."""
    listeners = recording.listen_on_both()
    pairs = []
    for i in range(6):
        version = 6 if i % 2 else 4
        pair = recording.connect(listeners[version], version)
        exchange(*pair, 1, **SMALL)
        pairs.append(pair)
    time.sleep(0.3)
    recording.start_capture()

    def go_on(i, _):
        client, server = pairs[i]
        exchange(client, server, 2, **SMALL)
        if i == 3:
            stop_sending(client)
            read_to_end(server)
            for _ in range(4):
                server.sendall(b"r" * 200)
                receive_exactly(client, 200)
                time.sleep(0.1)
            recording.keep(client, server)
        elif i == 0:
            close_in_turn(client, server)
        elif i == 1:
            close_in_turn(server, client)
        elif i == 2:
            abort(client)
            time.sleep(0.1)
            server.close()
        else:
            recording.keep(client, server)

    recording.in_parallel(6, go_on)
