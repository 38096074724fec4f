"""The incident: a busy server half a minute into several troubles at once."""

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
    set_receive_buffer,
    stop_sending,
)
from .scenes import SCENES, drop_at, scene

__all__ = ["SCENES"]  # complete, with the incident

WEB, SECURE_WEB, APPLICATION, DATABASE, CACHE = 80, 443, 8080, 5432, 6379
CLOSED_PORT, FILTERED_PORT = 9090, 9200
SERVICES = (WEB, SECURE_WEB, APPLICATION, DATABASE, CACHE)
CLIENT_HOSTS = 6
DURATION = 20.0

COUNTS = {
    "visit the web": 120,
    "visit the secure web": 70,
    "ask the cache": 25,
    "ask the application": 20,
    "leak at the application": 40,
    "outstay the database": 12,
    "call a closed port": 8,
    "call a filtered port": 6,
    "give up as a client": 7,
    "be thrown out by the server": 7,
    "read nothing": 2,
    "read nothing as a server": 1,
    "vanish": 4,
    "download after the end of the request": 3,
    "wait in a pool": 9,
}


class Incident:
    """The services, the clients, and what each kind of connection does."""

    def __init__(self, recording):
        self.recording = recording
        self.listeners = {
            (port, version): recording.listen(version, port)
            for port in SERVICES
            for version in (4, 6)
        }
        tails = range(101, 101 + CLIENT_HOSTS)
        network = recording.network
        self.clients = {4: [network.add_address("client", 4, tail) for tail in tails]}
        self.clients[6] = [network.add_address("client", 6, tail) for tail in tails]
        self.lost = {version: network.add_address("client", version, 66) for version in (4, 6)}
        drop_at(recording.hosts["server"], ("input", f"tcp dport {FILTERED_PORT}"))
        self.vanishing = []
        self.ends_at = time.monotonic() + DURATION

    def connect(self, i, version, port, address=None):
        hosts = self.clients[version]
        address = address or hosts[i % len(hosts)]
        listener = self.listeners[(port, version)]
        return self.recording.connect(listener, version, address=address)

    def wait_for_the_end(self):
        time.sleep(max(0, self.ends_at - time.monotonic()))

    # Healthy

    def visit(self, i, version, port):
        client, server = self.connect(i, version, port)
        exchange(client, server, 1, size=400)
        first, second = (client, server) if i % 3 else (server, client)
        close_in_turn(first, second)

    def visit_the_web(self, i, version):
        self.visit(i, version, WEB)

    def visit_the_secure_web(self, i, version):
        self.visit(i, version, SECURE_WEB)

    def ask_the_cache(self, i, version):
        self.visit(i, version, CACHE)

    def ask_the_application(self, i, version):
        self.visit(i, version, APPLICATION)

    def wait_in_a_pool(self, i, version):
        """Established and idle, some with keepalives: nothing is wrong."""
        client, server = self.connect(i, version, DATABASE if i % 2 else CACHE)
        exchange(client, server, 2, size=200)
        if i % 3 == 0:
            keep_alive(server, idle=3, interval=3)
        self.recording.keep(client, server)

    def download_after_the_end_of_the_request(self, i, version):
        client, server = self.connect(i, version, WEB)
        client.sendall(b"export everything\n")
        stop_sending(client)
        read_to_end(server)
        while time.monotonic() < self.ends_at + 1:
            server.sendall(b"r" * 700)
            client.recv(65536)
            time.sleep(0.8)
        self.recording.keep(client, server)

    # Trouble

    def leak_at_the_application(self, i, version):
        client, server = self.connect(i, version, APPLICATION)
        exchange(client, server, 1, size=300)
        self.recording.keep(server)
        client.close()

    def outstay_the_database(self, i, version):
        client, server = self.connect(i, version, DATABASE)
        exchange(client, server, 1, size=200)
        stop_sending(server)
        self.recording.keep(client, server)

    def call_a_closed_port(self, i, version):
        client = self.recording.client(version, address=self.clients[version][i % CLIENT_HOSTS])
        attempt(client.connect, (self.recording.address("server", version), CLOSED_PORT))
        client.close()

    def call_a_filtered_port(self, i, version):
        client = self.recording.client(version, address=self.clients[version][i % CLIENT_HOSTS])
        client.settimeout(3)
        attempt(client.connect, (self.recording.address("server", version), FILTERED_PORT))
        self.recording.keep(client)

    def give_up_as_a_client(self, i, version):
        client, server = self.connect(i, version, SECURE_WEB)
        exchange(client, server, 1, size=200)
        abort(client)
        time.sleep(0.2)
        server.close()

    def be_thrown_out_by_the_server(self, i, version):
        client, server = self.connect(i, version, APPLICATION)
        exchange(client, server, 1, size=200)
        client.sendall(b"a request that nobody reads")
        time.sleep(0.2)
        server.close()
        time.sleep(0.2)
        client.close()

    def read_nothing(self, i, version):
        client, server = self.connect(i, version, SECURE_WEB)
        set_receive_buffer(client, 4096)
        client.sendall(b"everything, please")
        server.recv(100)
        fill(server)
        self.recording.keep(client, server)

    def read_nothing_as_a_server(self, i, version):
        client, server = self.connect(i, version, APPLICATION)
        set_receive_buffer(server, 4096)
        fill(client)
        self.recording.keep(client, server)

    def vanish(self, i, version):
        """The host is switched off later; its servers do not learn of it."""
        client, server = self.connect(i, version, DATABASE, self.lost[version])
        exchange(client, server, 2, size=200)
        self.vanishing.append((client, server))

    def switch_off_the_lost_host(self):
        host = self.recording.hosts["client"]
        four, six = self.lost[4], self.lost[6]
        drop_at(
            host,
            ("input", f"ip daddr {four}"),
            ("output", f"ip saddr {four}"),
            ("input", f"ip6 daddr {six}"),
            ("output", f"ip6 saddr {six}"),
        )
        for client, server in self.vanishing:
            self.recording.keep(server)
            forget(client)
            server.sendall(b"a notification for a client that is gone")


@scene(
    "incident",
    vantage="server",
    container="pcapng",
    delay=(0.001, 0.012),
    snapshot_length=96,
)
def incident(recording):
    """About 330 connections of a busy server in 25 s: most close cleanly; the application
    on 8080 leaks CLOSE_WAIT, database clients outstay their session (FIN_WAIT2 at the
    server), a port is closed, one filtered, some connections are reset, some stall on
    a zero window, one client host is lost, downloads go on after a half-close, and
    idle pools are healthy."""
    trouble = Incident(recording)
    plan = []
    for role, count in COUNTS.items():
        action = getattr(trouble, role.replace(" ", "_"))
        plan += [(action, i) for i in range(count)]
    recording.random.shuffle(plan)

    def play(position, _):
        action, i = plan[position]
        action(i, 6 if i % 4 == 3 else 4)

    power_failure = threading.Timer(DURATION * 0.85, trouble.switch_off_the_lost_host)
    power_failure.start()
    recording.in_parallel(len(plan), play, spread=DURATION * 0.75)
    trouble.wait_for_the_end()
    power_failure.join()
    time.sleep(0.3)
