"""Three hosts in a row: clients, a proxy with nginx, and a backend that does not close."""

import os
import shutil
import subprocess
import tempfile
import time

from .. import system
from ..namespaces import Namespace

CLIENT, FRONT = "10.71.1.1", "10.71.1.2"
BACK, BACKEND = "10.71.2.1", "10.71.2.2"
# Addresses that nobody has: what is sent there gets no answer, not even a RST.
VANISHED, FLOODERS, VOID = "10.71.1.3", "10.71.1.128/25", "10.71.2.99"

NGINX = """\
daemon off; master_process off; pid {scratch}/nginx.pid; error_log {scratch}/error.log;
worker_rlimit_nofile 20000;
events {{ worker_connections 16000; }}
http {{
    access_log off; keepalive_timeout {keepalive};
    client_body_temp_path {scratch}; proxy_temp_path {scratch}; fastcgi_temp_path {scratch};
    uwsgi_temp_path {scratch}; scgi_temp_path {scratch};
    server {{
        listen {front}:8080 backlog=4096;
        location / {{ return 200 "hello\\n"; }}
        location /slow {{ proxy_pass http://{backend}:9000; proxy_read_timeout 1s; }}
    }}
}}
"""

# Linux, include/net/tcp_states.h.
STATES = {
    "01": "ESTAB", "02": "SYN-SENT", "03": "SYN-RECV", "04": "FIN-WAIT-1", "05": "FIN-WAIT-2",
    "06": "TIME-WAIT", "07": "UNCONN", "08": "CLOSE-WAIT", "09": "LAST-ACK", "0A": "LISTEN",
    "0B": "CLOSING", "0C": "SYN-RECV",
}  # fmt: skip

PROGRAMS = ("ip", "ss", "nft", "nginx")


def missing_requirement():
    """What keeps the hosts from being made here, in words, or None."""
    return system.missing_for_hosts(PROGRAMS)


class Hosts:
    """The namespaces, with nginx and the backend running; a context manager."""

    def __init__(self, sysctls=None, keepalive=5):
        self.scratch = tempfile.mkdtemp(prefix="wirestate-live-")
        os.chmod(self.scratch, 0o777)
        self.client, self.proxy, self.backend = Namespace(), Namespace(), Namespace()
        self.processes = []
        self._link(self.client, "c0", CLIENT, self.proxy, "p0", FRONT)
        self._link(self.proxy, "p1", BACK, self.backend, "b0", BACKEND)
        for name, value in (sysctls or {}).items():
            self.proxy.sysctl(name, value)
        for host in (self.client, self.proxy, self.backend):
            host.sysctl("net.ipv4.ip_local_port_range", "10000 60999")
            host.sysctl("net.core.somaxconn", 4096)
        self._pretend(self.proxy, "p0", self._hardware(self.client, "c0"), VANISHED)
        self._pretend(self.proxy, "p1", self._hardware(self.backend, "b0"), VOID)
        self.client.run("ip", "addr", "add", f"{VANISHED}/32", "dev", "c0")
        configuration = os.path.join(self.scratch, "nginx.conf")
        with open(configuration, "w") as file:
            file.write(
                NGINX.format(
                    scratch=self.scratch, front=FRONT, backend=BACKEND, keepalive=keepalive
                )
            )
        self.nginx = self.start(self.proxy, "nginx", "-p", self.scratch, "-c", configuration)
        self.start_python(self.backend, "backend", BACKEND)
        time.sleep(1)
        if self.nginx.poll() is not None:
            raise system.LabError(f"nginx: {open(self.scratch + '/error.log').read()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        for host in (self.client, self.proxy, self.backend):
            host.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def start(self, host, *command, **options):
        options.setdefault("stderr", subprocess.DEVNULL)
        process = host.start(*command, **options)
        self.processes.append(process)
        return process

    def start_python(self, host, role, *arguments):
        """Starts a part of the traffic: see `traffic`."""
        words = [str(word) for word in arguments]
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "traffic.py")
        return self.start(host, "python3", script, role, *words, stdout=subprocess.DEVNULL)

    def vanish(self):
        """From now on nobody hears from the clients at VANISHED, nor they from anybody."""
        rules = f"""
            table ip vanish {{
                chain in {{
                    type filter hook input priority 0; ip daddr {VANISHED} drop
                }}
                chain out {{
                    type filter hook output priority 0; ip saddr {VANISHED} drop
                }}
            }}"""
        self.client.run("nft", "-f", "-", input=rules)

    def count_sockets(self):
        """How many of the proxy's sockets are in each state, in the words of ss."""
        counts = {}
        for line in self.proxy.run("ss", "-Htan").splitlines():
            state = line.split(None, 1)[0]
            if state not in ("LISTEN", "UNCONN"):
                counts[state] = counts.get(state, 0) + 1
        return counts

    def count_sockets_quickly(self):
        """The same from the table that ss read before netlink: it costs a tenth of starting ss."""
        with self.proxy, open("/proc/thread-self/net/tcp") as table:
            codes = [line[34:36] for line in table]
        counts = {}
        for code in codes[1:]:
            if code != "0A":
                counts[STATES[code]] = counts.get(STATES[code], 0) + 1
        return counts

    def _link(self, near, name, address, far, far_name, far_address):
        link = ["ip", "link", "add", name, "netns", near.path, "type", "veth"]
        near.run(*link, "peer", "name", far_name, "netns", far.path)
        for host, interface, own in ((near, name, address), (far, far_name, far_address)):
            host.run("ip", "link", "set", "lo", "up")
            host.run("ip", "link", "set", interface, "up")
            host.run("ip", "addr", "add", f"{own}/24", "dev", interface)

    def _pretend(self, host, interface, hardware, address):
        """Makes a host send packets for an address that nobody has."""
        command = ["ip", "neigh", "replace", address, "lladdr", hardware, "dev", interface]
        host.run(*command, "nud", "permanent")

    def pretend_flooders(self, count):
        """The addresses that SYNs claim to come from."""
        hardware = self._hardware(self.client, "c0")
        for number in range(count):
            self._pretend(self.proxy, "p0", hardware, f"10.71.1.{128 + number}")

    def _hardware(self, host, interface):
        for line in host.run("ip", "link", "show", interface).splitlines():
            words = line.split()
            if words and words[0].startswith("link/ether"):
                return words[1]
        raise system.LabError(f"{interface}: has no address")
