"""Recordings with one diagnosis each, or a trap that must give none, and what to expect."""

import dataclasses
import json
import os
import shutil
import socket
import tempfile
import threading
import time

from . import boxes, system
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
from .forwarder import Forwarder, Path
from .packets import MSS_OPTION, SYN
from .recording import Recording, Setting, _fork
from .scenes import SMALL, drop_at

SERVICE, OTHER, PULSE = 8080, 80, 22
PREFIXES = ("10.2", "2001:db8:2")
CASES = {}


@dataclasses.dataclass
class Case:
    """One recording: what happens, at which taps it is kept, and what must be found there."""

    name: str
    play: object
    expected: list
    taps: tuple
    setting: dict
    path: object
    loss: float
    only_from: str | None

    @property
    def description(self):
        return " ".join(self.play.__doc__.split())


def case(name, expected=(), taps=("server",), loss=0.0, path=None, only_from=None, **setting):
    """Registers a case. `expected` are pairs of a diagnosis and the side at fault; a benign one
    has no side. `only_from` keeps one direction only. Loss and other taps make a case of
    their own."""

    def register(play):
        CASES[name] = Case(name, play, list(expected), taps, setting, path, loss, only_from)
        return play

    return register


class CaseRecording(Recording):
    """A recording without the kernel's log, of which many can run at a time."""

    def start(self):
        self._apply_settings()
        if self.setting.topology == "bridge":
            forwarder = Forwarder(
                self.hosts["middle"],
                ("m0", "m1"),
                self.setting.path(self),
                self.base + ".mid.pcap",
                self._cut,
                self._is_taping,
            )
            process = _fork.Process(
                target=forwarder.run,
                args=(self.setting.snapshot_length, lambda: bool(self._is_over.value)),
                daemon=True,
            )
            process.start()
            self._observers.append(process)
        time.sleep(0.3)
        if not self.setting.starts_late:
            self.start_capture()

    def finish(self):
        self._rest(self.setting.settling_time)
        self._is_taping.value = 0
        self._stop_taps()
        self._is_over.value = 1
        for observer in self._observers:
            observer.join(10)

    def _rest(self, seconds):
        """Waits; a connection every few seconds shows that the capture goes on."""
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            time.sleep(min(left, 4))
            if seconds >= 4:
                if self._pulse is None:
                    self._pulse = self.listen(4, PULSE)
                close_in_turn(*self.connect(self._pulse, 4))

    _pulse = None

    def background(self, count=3):
        """Connections to another service that end as they should."""
        listeners = {4: self.listen(4, OTHER), 6: self.listen(6, OTHER)}

        def talk(i, version):
            client, server = self.connect(listeners[version], version)
            exchange(client, server, **SMALL)
            first, second = (client, server) if i % 2 else (server, client)
            close_in_turn(first, second)

        self.in_parallel(count, talk)


def record(name, seed, directory):
    """Records a case into `directory`; returns what went wrong."""
    case = CASES[name]
    def path(recording):
        if case.path is not None:
            return case.path(recording.seed)
        return Path(seed, (0.003, 0.006), loss=case.loss)

    values = {"snapshot_length": 96, "path": path, **case.setting}
    with tempfile.TemporaryDirectory(prefix="wirestate-lab-") as scratch:
        setting = Setting(**values)
        with CaseRecording(name, setting, seed, scratch, prefixes=PREFIXES) as recording:
            recording.start()
            case.play(recording)
            recording.finish()
            for tap in case.taps:
                _store(case, recording, tap, directory)
            return recording.errors


def _store(case, recording, tap, directory):
    full = case.name + ("" if len(case.taps) == 1 else f"-at-{tap}")
    target = os.path.join(directory, full)
    source = f"{recording.base}.{'mid' if tap == 'middle' else tap}.pcap"
    if case.only_from:
        sides = [recording.address(case.only_from, version) for version in (4, 6)]
        words = f"src host {sides[0]} or src host {sides[1]}"
        system.run("tcpdump", "-r", source, "-w", f"{target}.pcap", words)
    else:
        shutil.copyfile(source, f"{target}.pcap")
    label = {
        "name": full,
        "description": case.description,
        "tap": tap,
        "loss": case.loss,
        "expected": [{"diagnosis": name, "fault": fault} for name, fault in case.expected],
    }
    with open(f"{target}.json", "w") as out:
        json.dump(label, out, indent=1)
        out.write("\n")


def record_all(names, seed, directory, jobs, say=print):
    """Records cases, `jobs` at a time, the longest first; returns those that failed."""
    waiting, running, failed = list(names), {}, []
    waiting.sort(key=lambda name: -CASES[name].setting.get("settling_time", 1))
    while waiting or running:
        for name, process in list(running.items()):
            if not process.is_alive():
                del running[name]
                if process.exitcode != 0:
                    failed.append(name)
        while waiting and len(running) < jobs:
            name = waiting.pop(0)
            running[name] = in_process(_record_one, name, seed, directory, say)
            time.sleep(0.5)
        time.sleep(0.1)
    return failed


def in_process(target, *arguments):
    process = _fork.Process(target=target, args=arguments)
    process.start()
    return process


def _record_one(name, seed, directory, say):
    errors = record(name, seed, directory)
    say(f"{name}: {'; '.join(errors) if errors else 'recorded'}", flush=True)


def listeners(recording, **options):
    return {4: recording.listen(4, SERVICE, **options), 6: recording.listen(6, SERVICE, **options)}


def rest(seconds):
    """How long the capture goes on after the last event."""
    return {"settling_time": seconds}


# Teardown


def leak(count, held=True):
    """A listener whose program does not close after the client has."""

    def play(recording):
        opened = listeners(recording)

        def talk(i, version):
            client, server = recording.connect(opened[version], version)
            exchange(client, server, **SMALL)
            recording.keep(server)
            if i % 2 and held:
                stop_sending(client)
                recording.keep(client)
            else:
                client.close()

        recording.in_parallel(count, talk, 2)
        recording.background()

    return play


def plain(play, text):
    play.__doc__ = text
    return play


LEAK = "The clients have closed, the server's program does not: CLOSE_WAIT for more than a minute."
CLOSE_WAIT = [("close-wait-leak", "server")]
case("close-wait-leak", CLOSE_WAIT, ("server", "client", "middle"), **rest(64))(
    plain(leak(5), LEAK)
)
case("close-wait-leak-lossy", CLOSE_WAIT, ("client", "middle"), loss=0.05, **rest(64))(
    plain(leak(5), LEAK)
)
case("close-wait-leak-many", CLOSE_WAIT, ("server",), **rest(12))(
    plain(leak(24), "Two dozen sockets in CLOSE_WAIT at one service, for ten seconds.")
)


def held_by_client(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        stop_sending(server)
        recording.keep(client, server)

    recording.in_parallel(4, talk)
    recording.background()


HELD = "The server has closed its direction, the client's program does not follow for a minute."
case("fin-wait-2-held", [("fin-wait-2-held", "client")], ("server", "client"), **rest(64))(
    plain(held_by_client, HELD)
)
case("fin-wait-2-held-lossy", [("fin-wait-2-held", "client")], ("middle",), loss=0.05, **rest(64))(
    plain(held_by_client, HELD)
)


@case("fin-wait-2-expired", [("fin-wait-2-held", "client")], ("server", "client"))
def fin_wait_2_expired(recording):
    """The server closes; a minute later, when its orphaned FIN_WAIT2 is gone, the client
    sends and is answered by a RST."""
    opened = listeners(recording)
    kept = []

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        server.close()
        kept.append(client)

    recording.in_parallel(3, talk)
    recording.background()
    recording._rest(64)
    for client in kept:
        attempt(client.sendall, b"still there?")
        time.sleep(0.2)
        client.close()


def vanish_before_close(recording):
    opened = listeners(recording)
    gone = {4: recording.network.add_address("client", 4, 66)}
    gone[6] = recording.network.add_address("client", 6, 66)
    servers = []
    for i in range(4):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version, address=gone[version])
        exchange(*pair, **SMALL)
        servers.append(pair[1])
        recording.keep(*pair)
    recording.background()
    drop_host(recording, gone)
    for server in servers:
        server.close()


def drop_host(recording, gone):
    drop_at(
        recording.hosts["client"],
        ("input", f"ip daddr {gone[4]}"),
        ("output", f"ip saddr {gone[4]}"),
        ("input", f"ip6 daddr {gone[6]}"),
        ("output", f"ip6 saddr {gone[6]}"),
    )


VANISH = "The clients' host is gone when the server closes: its FIN is never acknowledged."
FIN_WAIT_1 = [("fin-wait-1-stuck", "path")]
case("fin-wait-1-stuck", FIN_WAIT_1, ("server", "middle"), **rest(5))(
    plain(vanish_before_close, VANISH)
)


def deaf(is_lost):
    return lambda seed: boxes.DeafPath(seed, SERVICE, is_lost, delay=(0.003, 0.006))


@case(
    "fin-wait-1-deaf",
    FIN_WAIT_1,
    ("server", "middle"),
    path=deaf(boxes.acknowledgment_of_fin),
    **rest(5),
)
def fin_wait_1_deaf(recording):
    """The server's answers to the client's FIN are lost behind the tap."""
    opened = {4: recording.listen(4, SERVICE), 6: recording.listen(6, SERVICE)}

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        recording.keep(server)
        client.close()

    recording.in_parallel(4, talk)


def last_ack(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        close_at(client, server)

    def close_at(client, server):
        client.close()
        read_to_end(server)
        time.sleep(0.1)
        server.close()

    recording.in_parallel(4, talk)


LAST_ACK = "The last acknowledgment of the server's FIN never arrives: LAST_ACK, FIN repeated."
case(
    "last-ack-stuck",
    [("last-ack-stuck", "path")],
    ("server", "client", "middle"),
    path=deaf(boxes.last_acknowledgment),
    **rest(5),
)(plain(last_ack, LAST_ACK))


@case("time-wait-pileup", [("time-wait-pileup", "client")], ("client", "server"),
      snapshot_length=66)
def time_wait_pileup(recording):
    """A client without a pool: one short connection after another, closed by the client."""
    opened = recording.listen(4, SERVICE)
    for _ in range(120):
        client, server = recording.connect(opened, 4)
        client.close()
        read_to_end(server)
        server.close()


@case("time-wait-at-server", [("time-wait-pileup", "server")], ("server",), loss=0.01,
      snapshot_length=66)
def time_wait_at_server(recording):
    """The server closes every short connection first and collects the TIME_WAITs."""
    opened = recording.listen(4, SERVICE)

    def talk(i, version):
        for _ in range(30):
            client, server = recording.connect(opened, 4)
            server.close()
            read_to_end(client)
            client.close()

    recording.in_parallel(4, talk)


@case("port-reuse-collision", [("port-reuse-collision", "client")], ("server", "client", "middle"),
      **rest(3))
def port_reuse_collision(recording):
    """The client's host restarts and uses the same ports: its SYN meets ESTABLISHED."""
    opened = listeners(recording)
    for i in range(3):
        version = 6 if i % 2 else 4
        port = recording.client_port()
        client, server = recording.connect(opened[version], version, port=port)
        exchange(client, server, **SMALL)
        recording.keep(server)
        time.sleep(0.3)
        forget(client)
        time.sleep(0.3)
        again = recording.client(version, port)
        attempt(again.connect, opened[version].address)
        recording.keep(again)
    recording.background()


def restarted(recording):
    opened = listeners(recording)
    pairs = []
    for i in range(4):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version)
        exchange(*pair, **SMALL)
        pairs.append(pair)
    recording.background()
    time.sleep(2)
    for client, server in pairs:
        forget(server)
        time.sleep(0.1)
        attempt(client.sendall, b"are you there?")
        time.sleep(0.2)
        client.close()


RESTARTED = "The server has lost its sockets: it answers data on idle connections by RST."
HALF_OPEN = [("half-open-peer-restarted", "server")]
case("half-open-peer-restarted", HALF_OPEN, ("client", "server", "middle"))(
    plain(restarted, RESTARTED)
)
case("half-open-peer-restarted-lossy", HALF_OPEN, ("middle",), loss=0.04)(
    plain(restarted, RESTARTED)
)


# Middleboxes


def idle_box(resets):
    def path(seed):
        return boxes.ForgetfulBox(
            seed, SERVICE, idle=8, resets=resets, delay=(0.003, 0.006)
        )

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


@case("forged-rst", [("forged-rst", "middlebox")], ("client", "server", "middle"),
      path=lambda seed: boxes.ForgingBox(seed, SERVICE, b"forbidden", delay=(0.02, 0.03)))
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


# Resets


@case("abort-by-client", [("abortive-close", "client")], ("server", "client"))
def abort_by_client(recording):
    """The client closes by RST, with nothing unread: linger 0."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        time.sleep(0.2)
        abort(client)
        time.sleep(0.1)
        server.close()

    recording.in_parallel(4, talk)
    recording.background()


def unread(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.sendall(b"never read" * 20)
        time.sleep(0.2)
        server.close()
        time.sleep(0.2)
        client.close()

    recording.in_parallel(4, talk)
    recording.background()


UNREAD = "The server closes with unread data in its queue: its kernel sends a RST."
case("abort-by-server-unread", [("abortive-close", "server")], ("client", "middle"))(
    plain(unread, UNREAD)
)
case("abort-by-server-lossy", [("abortive-close", "server")], ("server",), loss=0.05)(
    plain(unread, UNREAD)
)


@case("abort-while-sending", [("abortive-close", "client")], ("middle",))
def abort_while_sending(recording):
    """The client closes while the server still sends: the rest is answered by RST."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.close()
        for _ in range(3):
            attempt(server.sendall, b"r" * 500)
            time.sleep(0.1)
        server.close()

    recording.in_parallel(3, talk)
    recording.background()


def race(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        time.sleep(3)
        closer = threading.Timer(0.0, server.close)
        closer.start()
        time.sleep(0.015)
        attempt(client.sendall, b"GET / HTTP/1.1\r\n\r\n")
        time.sleep(0.5)
        client.close()

    recording.in_parallel(4, talk)
    recording.background()


RACE = "The server closes after 3 s of idleness while the client's next request is on its way."
SLOW = {"path": lambda seed: Path(seed, (0.05, 0.06))}
case("keepalive-race", [("keepalive-race", "client")], ("client", "server", "middle"), **SLOW)(
    plain(race, RACE)
)


@case("rst-ignored", [("rst-ignored", "middlebox")], ("server", "middle"),
      path=lambda seed: boxes.StaleBox(seed, b"stale", delay=(0.003, 0.006)))
def rst_ignored(recording):
    """A RST with a number that is in the window but not the next one: the server answers it
    with a challenge ACK and the connection goes on."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.sendall(b"a stale word")
        receive_exactly(server, 12)
        time.sleep(0.5)
        exchange(client, server, 2, **SMALL)
        close_in_turn(client, server)

    recording.in_parallel(3, talk)


# Opening


def call_closed_port(recording):
    def call(i, version):
        client = recording.client(version)
        attempt(client.connect, (recording.address("server", version), SERVICE))
        client.close()

    recording.in_parallel(5, call)
    recording.background()


case("refused", [("refused", "server")], ("client", "server"))(
    plain(call_closed_port, "Nobody listens: SYNs are answered by RST.")
)
case("refused-lossy", [("refused", "server")], ("middle",), loss=0.05)(
    plain(call_closed_port, "Nobody listens, and the path loses segments.")
)


def call_filtered_port(recording):
    drop_at(recording.hosts["server"], ("input", f"tcp dport {SERVICE}"))
    kept = []

    def call(i, version):
        client = recording.client(version)
        client.settimeout(8)
        kept.append(client)
        attempt(client.connect, (recording.address("server", version), SERVICE))

    recording.in_parallel(4, call)
    recording.background()
    recording.keep(*kept)


FILTERED = "A filter drops the SYNs: they are repeated and never answered."
case("syn-filtered", [("syn-filtered", "path")], ("client", "middle"))(
    plain(call_filtered_port, FILTERED)
)
case("syn-filtered-lossy", [("syn-filtered", "path")], ("client",), loss=0.05)(
    plain(call_filtered_port, FILTERED)
)


def return_path(recording):
    opened = listeners(recording)
    drop_at(
        recording.hosts["client"],
        ("input", f"tcp sport {SERVICE} tcp flags & (syn|ack) == syn|ack"),
    )

    def call(i, version):
        client = recording.client(version)
        client.settimeout(8)
        attempt(client.connect, opened[version].address)
        recording.keep(client)

    recording.in_parallel(3, call)
    recording.background()


case("syn-recv-stuck", [("syn-recv-stuck", "path")], ("server", "middle"))(
    plain(return_path, "SYN,ACKs do not reach the clients, which repeat their SYNs.")
)


@case("syn-recv-spoofed", [("syn-recv-stuck", "client")], ("server", "middle"), **rest(9))
def syn_recv_spoofed(recording):
    """A few SYNs from an address where nobody is: the SYN,ACKs are never answered."""
    listeners(recording)
    for i in range(4):
        version = 6 if i % 2 else 4
        number = recording.random.getrandbits(32)
        port = recording.client_port()
        peer = recording.raw_peer(version)
        peer.send(port, SERVICE, number, 0, SYN, options=MSS_OPTION)
        time.sleep(0.2)
    recording.background()


def full_queue(recording, spread=0.5):
    opened = recording.socket("server", 4)
    opened.bind((recording.address("server", 4), SERVICE))
    opened.listen(1)
    ends = []

    def call(i, _):
        client = recording.client(4)
        client.settimeout(9)
        attempt(client.connect, opened.getsockname())
        ends.append(client)
        attempt(client.sendall, b"a request, early")

    recording.in_parallel(9, call, spread)
    recording.background()
    recording.keep(opened, *ends)


def full_queue_at_once(recording):
    full_queue(recording, 0.0)


def full_queue_in_waves(recording):
    """Two bursts: the first fills the queue, the second is in the middle of its handshake then."""
    opened = recording.socket("server", 4)
    opened.bind((recording.address("server", 4), SERVICE))
    opened.listen(6)
    ends = []

    def call(i, _):
        client = recording.client(4)
        client.settimeout(5)
        attempt(client.connect, opened.getsockname())
        ends.append(client)
        attempt(client.sendall, b"a request, early")

    recording.in_parallel(6, call, 0.0)
    time.sleep(0.5)
    recording.in_parallel(6, call, 0.0)
    recording.background()
    recording.keep(opened, *ends)


QUEUE = "The program does not accept: its queue is full, the last ACK of handshakes is ignored."
FULL = [("accept-queue-full", "server")]
SYNS = "The program does not accept: its queue is full, and new SYNs are not answered."
BURST = {"path": lambda seed: Path(seed, (0.05, 0.06))}
LOSSY_BURST = {"path": lambda seed: Path(seed, (0.05, 0.06), loss=0.03)}
case("accept-queue-full", FULL, ("server", "middle"), **BURST, **rest(3))(
    plain(full_queue_at_once, QUEUE)
)
case("accept-queue-full-lossy", FULL, ("server",), **LOSSY_BURST, **rest(3))(
    plain(full_queue_at_once, QUEUE)
)
NO_COOKIES = {"net.ipv4.tcp_syncookies": 0}
case("accept-queue-waves", FULL, ("server", "client"), server_sysctls=NO_COOKIES, **BURST,
     **rest(7))(plain(full_queue_in_waves, QUEUE))
case("accept-queue-syns", FULL, ("server", "client"), **rest(3))(
    plain(lambda recording: full_queue(recording), SYNS)
)
case(
    "accept-queue-abort",
    FULL,
    ("server", "client"),
    **BURST,
    server_sysctls={"net.ipv4.tcp_abort_on_overflow": 1, **NO_COOKIES},
)(plain(full_queue_in_waves, "The accept queue is full and the server's kernel aborts what overflows."))


def flood(recording):
    opened = listeners(recording)
    addresses = []
    for tail in range(100, 140):
        address = f"{recording.network.prefix4}.1.{tail}"
        recording.network._know_neighbour("server", address, recording.network.hardware["client"])
        addresses.append(address)
    client = recording.hosts["client"]
    drop_at(client, ("input", f"ip daddr {addresses[0]}-{addresses[-1]}"))
    peer = recording.raw_peer(4)
    for i in range(160):
        peer.own = socket.inet_aton(addresses[i * 7 % len(addresses)])
        number = recording.random.getrandbits(32)
        peer.send(30000 + i, SERVICE, number, 0, SYN, options=MSS_OPTION)
        time.sleep(0.02)
    client, server = recording.connect(opened[4], 4)
    close_in_turn(client, server)


FLOOD = "Many SYNs from many addresses, none of which completes its handshake."
case("syn-flood", [("syn-flood", "client")], ("server",), snapshot_length=60)(plain(flood, FLOOD))
case("syn-flood-lossy", [("syn-flood", "client")], ("middle",), loss=0.05, snapshot_length=60)(
    plain(flood, FLOOD)
)


def scan(recording):
    listener = recording.listen(4, OTHER)
    for port in range(1000, 1060):
        client = recording.client(4)
        attempt(client.connect, (recording.address("server", 4), port))
        client.close()
    close_in_turn(*recording.connect(listener, 4))


case("port-scan", [("port-scan", "client")], ("client", "server"), snapshot_length=60)(
    plain(scan, "One source tries port after port.")
)


@case("self-connect", [("self-connect", "client")], ("client",), topology="loopback")
def self_connect(recording):
    """A client is given the very port it calls, and is connected to itself."""
    for version in (4, 6):
        end = recording.socket("client", version)
        name = (recording.address("client", version), recording.port())
        end.bind(name)
        end.connect(name)
        end.sendall(b"hello, me")
        end.recv(100)
        recording.keep(end)


@case("simultaneous-open", [("simultaneous-open", None)], ("middle", "client"),
      path=lambda seed: Path(seed, (0.02, 0.02)))
def simultaneous_open(recording):
    """Both ends call each other at the same moment: legal, and one connection."""
    for i in range(3):
        version = 6 if i % 2 else 4
        ports = (recording.client_port(), recording.port())
        client = recording.client(version, ports[0])
        server = recording.socket("server", version)
        server.bind((recording.address("server", version), ports[1]))
        call = threading.Thread(target=attempt, args=(client.connect, server.getsockname()[:2]))
        call.start()
        attempt(server.connect, client.getsockname()[:2])
        call.join()
        time.sleep(0.1)
        attempt(exchange, client, server, 1, 300)
        recording.keep(client, server)


# Life


def stall_server(recording):
    opened = listeners(recording, receive_buffer=4096)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        fill(client)
        recording.keep(client, server)

    recording.in_parallel(3, talk)
    recording.background()


STALL = "The server's program does not read: its window stays closed."
case("zero-window-at-server", [("zero-window-stall", "server")], ("client", "server"),
     **rest(7))(plain(stall_server, STALL))
case("zero-window-lossy", [("zero-window-stall", "server")], ("middle",), loss=0.03,
     **rest(8))(plain(stall_server, STALL))


@case("zero-window-at-client", [("zero-window-stall", "client")], ("server", "middle"))
def stall_client(recording):
    """The client's program reads nothing for five seconds, then goes on and closes."""
    opened = listeners(recording)

    def talk(i, version):
        client = recording.client(version)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(opened[version].address)
        server = opened[version].accepted(client.getsockname())
        fill(server)
        time.sleep(5)
        stop_sending(server)
        read_to_end(client)
        client.close()
        server.close()

    recording.in_parallel(2, talk)
    recording.background()


def probe_the_gone(recording):
    opened = listeners(recording)
    gone = {4: recording.network.add_address("client", 4, 66)}
    gone[6] = recording.network.add_address("client", 6, 66)
    for i in range(3):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version, address=gone[version])
        exchange(*pair, **SMALL)
        keep_alive(pair[1], 1, 1, 5)
        recording.keep(*pair)
    recording.background()
    drop_host(recording, gone)


PROBES = "The clients' host is gone: the server's keepalives are not answered, then it gives up."
case("keepalive-failed", [("keepalive-failed", "path")], ("server", "middle"), **rest(9))(
    plain(probe_the_gone, PROBES)
)
case("keepalive-failed-lossy", [("keepalive-failed", "path")], ("server",), loss=0.03, **rest(9))(
    plain(probe_the_gone, PROBES)
)


def send_to_the_gone(recording):
    opened = listeners(recording)
    gone = {4: recording.network.add_address("client", 4, 66)}
    gone[6] = recording.network.add_address("client", 6, 66)
    pairs = []
    for i in range(3):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version, address=gone[version])
        exchange(*pair, **SMALL)
        pairs.append(pair)
        recording.keep(*pair)
    recording.background()
    drop_host(recording, gone)
    for _, server in pairs:
        server.sendall(b"is anybody there?")


GONE = "The clients' host vanishes under data: it is sent again and again, doubling the pause."
DEATH = [("retransmit-until-death", "path")]
case("retransmit-until-death", DEATH, ("server", "middle"), **rest(29))(
    plain(send_to_the_gone, GONE)
)
case("retransmit-until-death-lossy", DEATH, ("server",), loss=0.03, **rest(29))(
    plain(send_to_the_gone, GONE)
)


# Benign


def health_checks(how):
    def play(recording):
        opened = {4: recording.listen(4, SERVICE)}
        recording.background()
        for _ in range(8):
            client, server = recording.connect(opened[4], 4)
            how(client, server)
            time.sleep(1)

    return play


def abort_both(client, server):
    abort(client)
    server.close()


case("health-check-rst", [("health-check", None)], ("server", "client"))(
    plain(health_checks(abort_both), "A load balancer connects every second and resets.")
)
case("health-check-fin", [("health-check", None)], ("middle",))(
    plain(health_checks(close_in_turn), "A load balancer connects every second and closes.")
)


@case("half-close-meant", [("legit-half-close", None)], ("client", "server", "middle"))
def half_close_meant(recording):
    """The client has sent its FIN, the server goes on sending: a half-close that is meant."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        client.sendall(b"everything, please")
        stop_sending(client)
        read_to_end(server)
        for _ in range(8 + 4 * i):
            server.sendall(b"r" * 300)
            receive_exactly(client, 300)
            time.sleep(0.3)
        if i == 2:
            recording.keep(client, server)
            return
        server.close()
        read_to_end(client)
        client.close()

    recording.in_parallel(3, talk)


# Traps


@case("trap-ends-early", (), ("server", "client", "middle"), **rest(0.0))
def trap_ends_early(recording):
    """The capture ends while thirty connections are being closed in the ordinary way."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.close()
        recording.keep(server)

    recording.in_parallel(30, talk, 0.6)


def busy(recording, count=30, spread=3.0):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, 1 + i % 3, 200)
        time.sleep(0.05 * (i % 7))
        if i % 10 == 9:
            recording.keep(client, server)
            return
        first, second = (client, server) if i % 3 else (server, client)
        close_in_turn(first, second)

    recording.in_parallel(count, talk, spread)


case("trap-busy-server", (), ("server", "client"), snapshot_length=66)(
    plain(busy, "A busy server where everything is as it should be.")
)
case("trap-busy-lossy", (), ("server", "middle"), loss=0.05, snapshot_length=66, **rest(6))(
    plain(busy, "The same over a path that loses segments.")
)
ONE_WAY = [("asymmetric-or-one-way", "capture")]
case("trap-client-only", ONE_WAY, ("server",), only_from="client", snapshot_length=66)(
    plain(lambda recording: busy(recording, 12), "Only the clients' direction was captured.")
)
case("trap-server-only", ONE_WAY, ("client",), only_from="server", snapshot_length=66)(
    plain(lambda recording: busy(recording, 12), "Only the servers' direction was captured.")
)


def duplicated(seed):
    return Path(seed, (0.003, 0.006), duplicates=1.0)


case("trap-duplicates-on-path", (), ("middle", "client"), path=duplicated, snapshot_length=66)(
    plain(lambda recording: busy(recording, 12), "The path delivers every segment twice.")
)
case("trap-duplicates", (), ("middle",), path=lambda seed: boxes.TwiceTapped(seed),
     snapshot_length=66)(
    plain(lambda recording: busy(recording, 12), "Every segment goes past the tap twice.")
)
case("trap-any-interface", (), ("client",), topology="router", interface="any",
     snapshot_length=66)(
    plain(lambda recording: busy(recording, 15), "Captured on all interfaces at once.")
)


def transfer(recording):
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        received = threading.Thread(target=read_to_end, args=(server,))
        received.start()
        for _ in range(10):
            client.sendall(b"z" * 60000)
        client.close()
        received.join()
        server.close()

    recording.in_parallel(2, talk)


case("trap-offload", (), ("client", "server"), topology="router", snapshot_length=66)(
    plain(transfer, "Segments of up to 64 KiB, cut up and joined by the network cards.")
)
case("trap-loopback", (), ("client",), topology="loopback", snapshot_length=66)(
    plain(lambda recording: busy(recording, 20), "Both ends on one host.")
)


@case("trap-late-start", (), ("server", "client"), starts_late=True, snapshot_length=66)
def trap_late_start(recording):
    """The capture begins in the middle of connections that then end as they should."""
    opened = listeners(recording)
    pairs = []
    for i in range(10):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version)
        exchange(*pair, **SMALL)
        pairs.append(pair)
    recording.start_capture()

    def go_on(i, _):
        client, server = pairs[i]
        exchange(client, server, 2, 300)
        first, second = (client, server) if i % 2 else (server, client)
        close_in_turn(first, second)

    recording.in_parallel(10, go_on)


@case("trap-idle-pool", (), ("server", "client"))
def trap_idle_pool(recording):
    """A pool: idle for seconds at a time, keepalives answered, used again."""
    opened = listeners(recording)
    pairs = []
    for i in range(4):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        keep_alive(client, 2, 1, 3)
        exchange(client, server, **SMALL)
        pairs.append((client, server))
    for _ in range(2):
        time.sleep(7)
        for pair in pairs:
            exchange(*pair, **SMALL)
    for pair in pairs:
        recording.keep(*pair)


@case("trap-slow-reader", (), ("server", "client"))
def trap_slow_reader(recording):
    """A reader that pauses for less than a second: windows close and open again."""
    opened = listeners(recording, receive_buffer=4096)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        fill(client)
        time.sleep(0.4)
        stop_sending(client)
        read_to_end(server)
        server.close()
        read_to_end(client)
        client.close()

    recording.in_parallel(2, talk)


@case("trap-slow-answer", (), ("server", "client"))
def trap_slow_answer(recording):
    """The client half-closes at once and the server thinks for three seconds before it answers."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        client.sendall(b"think about this")
        stop_sending(client)
        read_to_end(server)
        time.sleep(3)
        server.sendall(b"r" * 800)
        server.close()
        read_to_end(client)
        client.close()

    recording.in_parallel(5, talk)
