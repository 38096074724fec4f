"""Programs as users run them: curl and nginx, PostgreSQL, ssh, iperf3; with loss."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time

from ..forwarder import Path
from .registry import workload

NGINX = """
daemon off; worker_processes 2; pid {scratch}/nginx.pid; error_log {scratch}/error.log;
user root; events {{ worker_connections 500; }}
http {{
  access_log off; client_body_temp_path {scratch}/body; proxy_temp_path {scratch}/proxy;
  fastcgi_temp_path {scratch}/fastcgi; uwsgi_temp_path {scratch}/uwsgi;
  scgi_temp_path {scratch}/scgi; keepalive_timeout 2s;
  server {{ listen {four}:{port}; listen [{six}]:{port}; root {scratch}/files; }}
}}
"""

SSHD = """
Port {port}
ListenAddress {four}
ListenAddress {six}
HostKey {scratch}/host_key
AuthorizedKeysFile {scratch}/user_key.pub
PidFile {scratch}/sshd.pid
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
"""

POSTGRES_VERSIONS = "/usr/lib/postgresql/*/bin"


def need(*programs):
    """A check that names the first of `programs` that is not installed."""

    def missing():
        for program in programs:
            if _find(program) is None:
                return f"{program} is not installed"
        return None

    return missing


def _find(program):
    for directory in sorted(glob.glob(POSTGRES_VERSIONS), reverse=True):
        if os.access(f"{directory}/{program}", os.X_OK):
            return f"{directory}/{program}"
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def lossy(recording):
    return Path(
        recording.seed, recording.scaled(0.001, 0.006), loss=0.02, duplicates=0.005, reordering=0.02
    )


class Site:
    """A server program in the server's namespace, its files, and clients that use it."""

    def __init__(self, recording):
        self.recording = recording
        self.scratch = tempfile.mkdtemp(prefix="wirestate-lab-")
        os.chmod(self.scratch, 0o755)
        self.port = recording.port()
        self.places = {
            "scratch": self.scratch,
            "port": self.port,
            "four": recording.address("server", 4),
            "six": recording.address("server", 6),
        }
        self._server = None

    def write(self, name, text):
        path = f"{self.scratch}/{name}"
        with open(path, "w") as out:
            out.write(text.format(**self.places))
        return path

    def serve(self, *command, host="server", address=None, **options):
        """Starts the server program on a host and waits until it listens."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        host = self.recording.hosts[host]
        self._server = host.start(_find(command[0]), *command[1:], **quiet, **options)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            probe = host.tcp_socket(4)
            probe.settimeout(1)
            with probe, contextlib.suppress(OSError):
                probe.connect((address or self.places["four"], self.port))
                return
            time.sleep(0.1)
        raise TimeoutError(f"{command[0]} does not listen")

    def use(self, *command, timeout=60, **options):
        """Runs a client; what goes wrong for it under loss is part of the recording."""
        host = self.recording.hosts["client"]
        with host:
            client = subprocess.Popen(
                [_find(command[0]), *command[1:]],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **options,
            )
        try:
            client.wait(timeout)
        except subprocess.TimeoutExpired:
            client.kill()
            client.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(10)
            self._server.kill()
            self._server.wait()
        shutil.rmtree(self.scratch, ignore_errors=True)


@workload("curl-nginx", count=60, path=lossy, missing=need("curl", "nginx"))
def curl_nginx(recording, count):
    """curl fetches files from nginx: one or several per connection, cut off, idle"""
    with Site(recording) as site:
        os.makedirs(f"{site.scratch}/files")
        for name, size in (("small", 500), ("large", 300_000)):
            with open(f"{site.scratch}/files/{name}", "wb") as out:
                out.write(b"x" * size)
        site.serve("nginx", "-p", site.scratch, "-c", site.write("nginx.conf", NGINX))

        def fetch(i, version):
            host = f"[{site.places['six']}]" if version == 6 else site.places["four"]
            url = f"http://{host}:{site.port}"
            case = i // 2 % 4
            if case == 0:
                site.use("curl", "-s", f"{url}/small")
            elif case == 1:
                site.use("curl", "-s", f"{url}/small", f"{url}/large", f"{url}/absent")
            elif case == 2:
                site.use("curl", "-s", "-H", "Connection: close", f"{url}/large")
            else:
                site.use("curl", "-s", "--max-time", "0.1", f"{url}/large")

        recording.in_parallel(count, fetch, 6)
        time.sleep(3)
    time.sleep(2)


@workload("postgres", count=12, path=lossy, missing=need("initdb", "postgres", "psql", "pgbench"))
def postgres(recording, count):
    """psql sessions, and pgbench with one connection per transaction"""
    with Site(recording) as site:
        data = f"{site.scratch}/data"
        as_postgres = {"user": "postgres", "group": "postgres", "cwd": "/"}
        os.makedirs(data, mode=0o700)
        shutil.chown(data, "postgres", "postgres")
        subprocess.run(
            [_find("initdb"), "-D", data, "-A", "trust", "-N"],
            check=True,
            capture_output=True,
            **as_postgres,
        )
        with open(f"{data}/pg_hba.conf", "a") as access:
            access.write("host all all all trust\n")
        addresses = f"{site.places['four']},{site.places['six']}"
        options = ["-p", str(site.port), "-h", addresses, "-k", "", "-F"]
        site.serve("postgres", "-D", data, *options, **as_postgres)

        def query(i, version):
            host = site.places["six" if version == 6 else "four"]
            target = ["-h", host, "-p", str(site.port), "-U", "postgres"]
            if i == 0:
                site.use("pgbench", *target, "-i", "-s", "1", "postgres")
                site.use("pgbench", *target, "-C", "-c", "4", "-t", "8", "postgres")
            elif i % 3 == 2:
                sleepy = "select pg_terminate_backend(pg_backend_pid())"
                site.use("psql", *target, "-c", sleepy, "postgres")
            else:
                site.use("psql", *target, "-c", "select pg_sleep(0.2)", "postgres")

        recording.in_parallel(count, query, 5)
    time.sleep(2)


@workload("ssh", count=12, path=lossy, missing=need("ssh", "sshd", "ssh-keygen"))
def ssh(recording, count):
    """ssh runs commands, transfers data, and gets killed"""
    with Site(recording) as site:
        for name in ("host_key", "user_key"):
            key = f"{site.scratch}/{name}"
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]
            subprocess.run(command, check=True)
        os.makedirs("/run/sshd", exist_ok=True)
        site.serve("sshd", "-D", "-f", site.write("sshd.conf", SSHD))
        options = []
        for option in ("StrictHostKeyChecking=no", "BatchMode=yes", "ControlPath=none"):
            options += ["-o", option]
        options += ["-o", "UserKnownHostsFile=/dev/null", "-F", "none"]

        def log_in(i, version):
            host = site.places["six" if version == 6 else "four"]
            command = ["true", "head -c 200000 /dev/zero", "sleep 30"][i // 2 % 3]
            login = ["-i", f"{site.scratch}/user_key", "-p", str(site.port), f"root@{host}"]
            site.use("ssh", *options, *login, command, timeout=4 if "sleep" in command else 60)

        recording.in_parallel(count, log_in, 3)
        time.sleep(1)
    time.sleep(2)


@workload("iperf3", count=4, path=lossy, missing=need("iperf3"))
def iperf3(recording, count):
    """iperf3 in both directions with two streams each, under loss"""
    with Site(recording) as site:
        site.serve("iperf3", "-s", "-p", str(site.port))
        for i in range(count):
            host = site.places["six" if i % 2 else "four"]
            direction = ["-R"] if i & 2 else []
            command = ["-c", host, "-p", str(site.port), "-t", "2", "-P", "2", "-b", "8M"]
            site.use("iperf3", *command, *direction)
        time.sleep(1)
    time.sleep(2)
