"""One recording: connections, captures, kernel events and socket tables, all on one clock."""

import dataclasses
import json
import multiprocessing
import os
import random
import signal
import subprocess
import threading
import time
import traceback

from . import conversation
from .forwarder import ALL_IS_LOST, WHOLE, Forwarder, Path
from .gateway import GatewayNetwork
from .network import Network
from .packets import RawPeer
from .truth import tracing
from .truth.socket_tables import SocketTable, sample

# The last part is TCP behind a jumbo payload option, as in BIG TCP over IPv6.
CAPTURE_FILTER = "tcp or icmp or icmp6 or (ip6[6] == 0 and ip6[40] == 6)"

BRIDGED = ("bridge", "gateway")
TAPPED_HOSTS = {"mid": "middle", "inside": "gateway"}

_fork = multiprocessing.get_context("fork")


@dataclasses.dataclass
class Setting:
    """What a recording needs beside its connections."""

    topology: str = "bridge"
    path: object = lambda recording: Path(recording.seed)
    sysctls: dict = dataclasses.field(default_factory=dict)
    client_sysctls: dict = dataclasses.field(default_factory=dict)
    server_sysctls: dict = dataclasses.field(default_factory=dict)
    has_offloads: bool | None = None
    has_big_tcp: bool = False
    starts_late: bool = False
    sampling_period: float = 0.005
    snapshot_length: int = 192
    precision: str = "nano"
    interface: str | None = None
    middle_interface: str = "m0"
    ends_in_middle: bool = False
    only_from: str | None = None
    is_bridge_inside: bool = False
    settling_time: float = 0.6


class Recording:
    """Builds the network, runs the observers, and gives the workload its sockets.

    with Recording("name", Setting(), seed=1, directory="out") as recording:
        recording.start()
        ...connections...
        recording.finish()
    """

    def __init__(self, name, setting, seed, directory, index=0, prefixes=None):
        self.name, self.setting, self.seed = name, setting, seed
        self.base = os.path.join(directory, name)
        self.random = random.Random(f"{name}-{seed}")
        self.errors, self.notes, self.kept = [], [], []
        self._listeners, self._taps, self._observers = [], [], []
        self._is_over = _fork.Value("i", 0, lock=False)
        self._is_taping = _fork.Value("i", 0, lock=False)
        self._cut = _fork.Value("i", 0, lock=False)
        second = (40 + 100 * (seed % 2) + index) % 256
        defaults = (f"10.{second}", f"fd00:{seed & 0xFFFF:x}:{index:x}")
        place = prefixes or defaults
        if setting.topology == "gateway":
            self.network = GatewayNetwork(*place, setting.is_bridge_inside)
        else:
            self.network = Network(setting.topology, *place, has_offloads=setting.has_offloads)
        self.hosts = self.network.hosts
        self.aliases = {}
        self._ports = iter(self.random.sample(range(1024, 30000), 2000))
        self._client_ports = iter(self.random.sample(range(33000, 60000), 2000))
        self.trace = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in self.kept:
            end.close()
        for listener in self._listeners:
            listener.close()
        for _, tap in self._taps:
            if tap.poll() is None:
                tap.kill()
        for observer in self._observers:
            if observer.is_alive():
                observer.kill()
            observer.join()
        if self.trace is not None:
            self.trace.close()
        self.network.close()

    # Start and end

    def start(self):
        """Starts the observers, and the capture unless the setting says later."""
        self._apply_settings()
        self.trace = tracing.KernelTrace(f"wirestate-{os.getpid()}")
        self._start_observers()
        time.sleep(0.15)
        self._offsets = [tracing.clock_offset()]
        self._mark_brackets = self.trace.mark()
        self.started = time.time_ns()
        if not self.setting.starts_late:
            self.start_capture()

    def start_capture(self):
        self._is_taping.value = 1
        for vantage, interface in self._tap_places():
            self._taps.append((vantage, self._start_tcpdump(vantage, interface)))
        time.sleep(0.05)
        self.capture_started = time.time_ns()

    def finish(self):
        """Ends the capture, then the observers; writes everything; returns the meta data."""
        time.sleep(self.setting.settling_time)
        self.end_tables = self._socket_tables()
        self.ended = time.time_ns()
        self._is_taping.value = 0
        tcpdump_says = self._stop_taps()
        if _states(self._socket_tables()) != _states(self.end_tables):
            self.errors.append("a state changed while the capture was ended")
        self._mark_brackets += self.trace.mark()
        self._offsets.append(tracing.clock_offset())
        time.sleep(0.1)
        self._is_over.value = 1
        for observer in self._observers:
            observer.join(60)
        summary = tracing.to_real_time(self.base + ".truth.jsonl", self._offsets)
        self._join_samples()
        meta = self._meta(summary, tcpdump_says)
        with open(self.base + ".meta.json", "w") as out:
            json.dump(meta, out, indent=1)
        return meta

    # What workloads use

    def port(self):
        return next(self._ports)

    def client_port(self):
        return next(self._client_ports)

    def address(self, side, version):
        return self.network.address(side, version)

    def scaled(self, *delays):
        """Delays in seconds, stretched a little differently for each seed."""
        if self.seed == 1:
            return delays
        factor = random.Random(f"scale {self.name} {self.seed}").uniform(0.6, 1.8)
        return tuple(delay * factor for delay in delays)

    def socket(self, side, version, timeout=30, protocol=0):
        opened = self.hosts[side].tcp_socket(version, protocol)
        opened.settimeout(timeout)
        return opened

    def client(self, version, port=0, address=None, protocol=0):
        """A client's socket, not yet connected."""
        opened = self.socket("client", version, protocol=protocol)
        if port or address or self.setting.topology == "loopback":
            opened.bind((address or self.address("client", version), port))
        return opened

    def listen(self, version, port=None, protocol=0, **options):
        opened = self.socket("server", version, protocol=protocol)
        address = (self.address("server", version), port or self.port())
        listener = conversation.Listener(opened, address, **options)
        self._listeners.append(listener)
        return listener

    def listen_on_both(self, **options):
        """One listener for each IP version: {4: ..., 6: ...}."""
        return {version: self.listen(version, **options) for version in (4, 6)}

    def serve(self, handle, side="server", version=4, port=None, **options):
        """A service at the server or another host, which needs no one to accept for it."""
        opened = self.socket(side, version)
        address = (self.address(side, version), port or self.port())
        service = conversation.Service(opened, address, handle, **options)
        self._listeners.append(service)
        return service

    def connect(self, listener, version, port=0, address=None, protocol=0):
        """An established connection: the client's socket and the server's."""
        client = self.client(version, port, address, protocol)
        client.connect(self.reachable(listener))
        return client, listener.accepted(self.name_at_server(client))

    def alias(self, seen, own):
        """A translator on the path shows the address `own` as `seen` to the other host."""
        self.aliases[seen] = own

    def reachable(self, listener):
        """The address and port by which clients reach a listener."""
        return self._seen(listener.address[0]), listener.port

    def name_at_server(self, client):
        address, port = client.getsockname()[:2]
        return self._seen(address), port

    def _seen(self, own):
        return next((seen for seen, known in self.aliases.items() if known == own), own)

    def keep(self, *ends):
        """Leaves sockets open until the recording is over."""
        self.kept.extend(ends)

    def raw_peer(self, version):
        """A hand-made endpoint on the client's side of the path."""
        hardware = (self.network.hardware["client"], self.network.next_hop)
        addresses = (self.address("raw", version), self.address("server", version))
        return RawPeer(self.hosts["client"], "c0", hardware, addresses)

    def cut_path(self, *directions):
        """From now on everything is lost, or what goes in these directions."""
        self._cut.value = sum(1 << way for way in directions) or ALL_IS_LOST

    def heal_path(self):
        self._cut.value = WHOLE

    def in_parallel(self, count, conversation_of, spread=1.0):
        """Runs `conversation_of(i, version)` in threads that start within `spread` seconds."""
        starts = [self.random.random() * spread for _ in range(count)]

        def run(i):
            time.sleep(starts[i])
            try:
                conversation_of(i, 6 if i % 2 else 4)
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[1]
                self.errors.append(f"{i}: {type(error).__name__}: {error} (line {place.lineno})")

        threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # Inside

    def _apply_settings(self):
        common = {
            "net.ipv4.tcp_no_metrics_save": 1,
            **self.setting.sysctls,
        }
        special = {"client": self.setting.client_sysctls, "server": self.setting.server_sysctls}
        for side, own in special.items():
            for name, value in {**common, **own}.items():
                self.hosts[side].sysctl(name, value)
        if self.setting.has_big_tcp:
            self.network.allow_big_tcp()
        if self.setting.ends_in_middle:
            self.network.end_connections_in_middle()

    def _start_observers(self):
        def observe(target, *arguments):
            process = _fork.Process(target=target, args=arguments, daemon=True)
            process.start()
            self._observers.append(process)

        def is_over():
            return bool(self._is_over.value)

        networks = self.network.networks
        observe(self.trace.collect, self.base + ".truth.jsonl", networks, is_over)
        for side in self._sampled_sides():
            path = f"{self.base}.ss.{side}.part"
            observe(sample, self.hosts[side], side, path, self.setting.sampling_period, is_over)
        if self.setting.topology in BRIDGED:
            observe(self._forwarder().run, self.setting.snapshot_length, is_over)

    def _forwarder(self, make=Forwarder, *more):
        """The bridge between the hosts, which writes what passes it."""
        return make(
            self.hosts["middle"],
            ("m0", "m1"),
            self.setting.path(self),
            self.base + ".mid.pcap",
            self._cut,
            self._is_taping,
            *more,
        )

    def _sampled_sides(self):
        if self.setting.topology == "loopback":
            return ["client"]
        return ["client", "server"] + ["middle"] * self.setting.ends_in_middle

    def _tap_places(self):
        if self.setting.topology == "loopback":
            return [("client", "lo")]
        chosen = self.setting.interface
        places = [("client", chosen or "c0"), ("server", chosen or "s0")]
        if self.setting.topology == "router":
            places.append(("mid", self.setting.middle_interface))
        if self.setting.topology == "gateway":
            places += [("gateway", "any"), ("inside", "br0")]
        return places

    def _start_tcpdump(self, vantage, interface):
        host = self.hosts[TAPPED_HOSTS.get(vantage, vantage)]
        tap = host.start(
            "tcpdump",
            *("-i", interface, "-n", "-U", "-Z", "root", "--immediate-mode"),
            *("-s", str(self.setting.snapshot_length), "-B", "16384"),
            f"--time-stamp-precision={self.setting.precision}",
            *("-w", f"{self.base}.{vantage}.pcap", self._capture_filter()),
            stderr=subprocess.PIPE,
            text=True,
        )
        while "listening on" not in (line := tap.stderr.readline()):
            if not line:
                raise RuntimeError(f"tcpdump on {interface} ended early")
        return tap

    def _capture_filter(self):
        if not self.setting.only_from:
            return CAPTURE_FILTER
        sources = (self.address(self.setting.only_from, version) for version in (4, 6))
        return f"({CAPTURE_FILTER}) and ({' or '.join(f'src host {name}' for name in sources)})"

    def _stop_taps(self):
        for _, tap in self._taps:
            tap.send_signal(signal.SIGINT)
        said = {}
        for vantage, tap in self._taps:
            lines = tap.communicate()[1].splitlines()
            said[vantage] = [line.strip() for line in lines]
            dropped = [line for line in lines if "dropped by kernel" in line]
            if dropped and not dropped[0].startswith("0 "):
                self.errors.append(f"tcpdump at {vantage}: {dropped[0]}")
        return said

    def _socket_tables(self):
        rows = []
        for side in self._sampled_sides():
            table = SocketTable(self.hosts[side])
            for row in table.rows():
                role = self.network.side_of(row["local"].rsplit(":", 1)[0].strip("[]"))
                rows.append({"endpoint": role or side, **row})
            table.close()
        return rows

    def _join_samples(self):
        with open(self.base + ".ss.jsonl", "w") as out:
            for side in ("client", "server", *self._sampled_sides()[2:]):
                out.write(json.dumps({"stream": side}) + "\n")
                source = side if side in self._sampled_sides() else "client"
                with open(f"{self.base}.ss.{source}.part") as part:
                    for line in part:
                        if source == side or '"tick"' in line:
                            out.write(line)
        for side in self._sampled_sides():
            os.unlink(f"{self.base}.ss.{side}.part")

    def _meta(self, summary, tcpdump_says):
        marks, brackets = sorted(summary["marks"]), self._mark_brackets
        inside = sum(
            before - 1 <= mark <= after + 1 for mark, (before, after) in zip(marks, brackets)
        )
        short = {"client": "c", "server": "s", "raw": "x", "middle": "m"}
        addresses = {}
        for name, address in self.network.addresses().items():
            side = self.network.side_of(address)
            addresses[short[side] + name.removeprefix(side)] = address
        return {
            "name": self.name,
            "seed": self.seed,
            "kernel": os.uname().release,
            "topology": self.setting.topology,
            "addresses": addresses,
            "aliases": self.aliases,
            "recording_start": self.started,
            "capture_start": self.capture_started,
            "end": self.ended,
            "clock": {
                "offsets": self._offsets,
                "marks": len(marks),
                "marks_inside_brackets": inside,
            },
            "trace": {"events": summary["events"], "missed_pages": summary["missed_pages"]},
            "tcpdump": tcpdump_says,
            "notes": self.notes,
            "errors": self.errors,
        }


def _states(rows):
    return {(row["local"], row["remote"]): row["state"] for row in rows}
