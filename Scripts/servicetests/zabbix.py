#!/usr/bin/env python3
"""Lets a real Zabbix server import the templates and watch a leak come and go.

usage: zabbix.py WIRESTATE CAPTURE

A private PostgreSQL, Debian's zabbix-server-pgsql 6.0 and its frontend run for the length of the
test. The host with the HTTP template discovers the leaking service of `wirestate live`; its trigger
fires and clears. The host with the trapper template takes the lines of `wirestate zabbix`. Needs
root. Exit code 1 if a check fails.
"""

import contextlib
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from leak import Leak, live

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATES = HERE.parent / "monitoring" / "zabbix.yaml"
SCHEMA = pathlib.Path("/usr/share/zabbix-server-pgsql")
PORTS = {"database": 5499, "server": 10099, "frontend": 8095, "live": 9495}
LIVE = f"http://127.0.0.1:{PORTS['live']}"


def run(*arguments, user=None, **options):
    prefix = ["runuser", "-u", user, "--"] if user else []
    return subprocess.run([*prefix, *arguments], check=True, **options)


class Zabbix:
    """The database, the server and the frontend, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.token = None

    def start(self):
        binaries = sorted(pathlib.Path("/usr/lib/postgresql").iterdir())[-1] / "bin"
        data = self.folder / "database"
        data.mkdir()
        shutil.chown(data, "postgres", "postgres")
        quiet = {"stdout": subprocess.DEVNULL}
        arguments = ["-D", str(data), "--auth=trust", "-E", "UTF8", "--no-sync"]
        run(binaries / "initdb", *arguments, user="postgres", **quiet)
        options = f"-p {PORTS['database']} -k {data} -c fsync=off -c listen_addresses=127.0.0.1"
        self.spawn(binaries / "postgres", "-D", str(data), *options.split(), user="postgres")
        self.until(lambda: self.sql("select 1", "postgres"), 60)
        self.sql("create role zabbix login", "postgres")
        self.sql("create database zabbix owner zabbix", "postgres")
        for name in ("schema", "images", "data"):
            file = SCHEMA / f"{name}.sql"
            packed = SCHEMA / f"{name}.sql.gz"
            reader = f"cat {file}" if file.exists() else f"zcat {packed}"
            run("bash", "-c", f"{reader} | {self.psql('zabbix')} -1 >/dev/null")
        self.start_server()
        self.start_frontend()

    def start_server(self):
        text = "\n".join(
            f"{key}={value}"
            for key, value in {
                "ListenPort": PORTS["server"],
                "ListenIP": "127.0.0.1",
                "DBHost": "127.0.0.1",
                "DBPort": PORTS["database"],
                "DBName": "zabbix",
                "DBUser": "zabbix",
                "LogType": "console",
                "PidFile": self.folder / "server.pid",
                "SocketDir": self.folder,
                "StartPollers": 1,
                "StartPingers": 0,
                "StartDiscoverers": 0,
                "StartHTTPPollers": 1,
                "StartTrappers": 2,
                "StartPreprocessors": 1,
                "StartLLDProcessors": 1,
                "StartDBSyncers": 1,
                "CacheUpdateFrequency": 2,
                "AllowRoot": 1,
            }.items()
        )
        (self.folder / "server.conf").write_text(text + "\n")
        self.spawn("zabbix_server", "-f", "-c", str(self.folder / "server.conf"))

    def start_frontend(self):
        site = self.folder / "site"
        shutil.copytree("/usr/share/zabbix", site, symlinks=False, ignore_dangling_symlinks=True)
        configuration = f"""<?php
global $DB;
$DB['TYPE'] = 'POSTGRESQL'; $DB['SERVER'] = '127.0.0.1'; $DB['PORT'] = '{PORTS["database"]}';
$DB['DATABASE'] = 'zabbix'; $DB['USER'] = 'zabbix'; $DB['PASSWORD'] = ''; $DB['SCHEMA'] = '';
$DB['ENCRYPTION'] = false; $DB['KEY_FILE'] = ''; $DB['CERT_FILE'] = ''; $DB['CA_FILE'] = '';
$DB['VERIFY_HOST'] = false; $DB['CIPHER_LIST'] = ''; $DB['DOUBLE_IEEE754'] = true;
$ZBX_SERVER = '127.0.0.1'; $ZBX_SERVER_PORT = '{PORTS["server"]}'; $ZBX_SERVER_NAME = '';
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
"""
        place = site / "conf"
        if place.is_symlink():
            place.unlink()
        place.mkdir(exist_ok=True)
        (place / "zabbix.conf.php").write_text(configuration)
        # Debian's frontend reads its configuration there.
        system = pathlib.Path("/etc/zabbix/zabbix.conf.php")
        self.replaced = system.read_text() if system.exists() else None
        system.parent.mkdir(exist_ok=True)
        system.write_text(configuration)
        self.spawn(
            "php",
            "-d",
            "post_max_size=16M",
            "-d",
            "max_execution_time=300",
            "-d",
            "max_input_time=300",
            "-d",
            "date.timezone=UTC",
            "-S",
            f"127.0.0.1:{PORTS['frontend']}",
            "-t",
            str(site),
        )
        self.until(lambda: self.call("apiinfo.version", {}), 60)
        self.token = self.call("user.login", {"username": "Admin", "password": "zabbix"})

    def spawn(self, *arguments, user=None):
        prefix = ["runuser", "-u", user, "--"] if user else []
        with open(self.folder / f"{len(self.processes)}.log", "w") as log:
            self.processes.append(
                subprocess.Popen([*prefix, *map(str, arguments)], stdout=log, stderr=log)
            )

    def psql(self, user):
        port = PORTS["database"]
        return f"psql -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p {port} -U {user} -d {user}"

    def sql(self, text, user):
        run(*self.psql(user).split(), "-c", text, capture_output=True)
        return True

    @staticmethod
    def until(attempt, seconds, what="an answer"):
        """Tries until it gives something; returns that, or None after a time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                found = attempt()
                if found:
                    return found
            except (
                subprocess.CalledProcessError,
                urllib.error.URLError,
                ConnectionError,
                KeyError,
            ):
                pass
            time.sleep(1)
        print(f"no {what} within {seconds} s")
        return None

    def call(self, method, parameters):
        body = {"jsonrpc": "2.0", "method": method, "params": parameters, "id": 1}
        if self.token and method not in ("apiinfo.version", "user.login"):
            body["auth"] = self.token
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORTS['frontend']}/api_jsonrpc.php",
            json.dumps(body).encode(),
            {"Content-Type": "application/json-rpc"},
        )
        answer = json.load(urllib.request.urlopen(request, timeout=300))
        if "error" in answer:
            raise SystemExit(f"{method}: {answer['error']}")
        return answer["result"]

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        system = pathlib.Path("/etc/zabbix/zabbix.conf.php")
        if getattr(self, "replaced", None) is not None:
            system.write_text(self.replaced)
        elif system.exists():
            system.unlink()


def add_hosts(zabbix):
    rule = {"createMissing": True, "updateExisting": True}
    names = ("templates", "items", "discoveryRules", "triggers", "valueMaps")
    rules = dict.fromkeys(names, rule) | {"groups": {"createMissing": True}}
    source = TEMPLATES.read_text()
    zabbix.call("configuration.import", {"format": "yaml", "rules": rules, "source": source})
    group = zabbix.call("hostgroup.get", {"filter": {"name": "Linux servers"}})[0]["groupid"]
    macros = {"URL": LIVE, "INTERVAL": "2s", "STUCK.MAX": "3", "STUCK.FOR": "10s", "TOKEN": "none"}
    hosts = {}
    for host, name in (("asked", "Wirestate by HTTP"), ("sends", "Wirestate by trapper")):
        template = zabbix.call("template.get", {"filter": {"host": name}})[0]["templateid"]
        created = zabbix.call(
            "host.create",
            {
                "host": host,
                "groups": [{"groupid": group}],
                "templates": [{"templateid": template}],
                "macros": [
                    {"macro": f"{{$WIRESTATE.{key}}}", "value": value}
                    for key, value in macros.items()
                ],
            },
        )
        hosts[host] = created["hostids"][0]
    return hosts


def problem(zabbix, host, service, value):
    """The service's trigger, if it has the value: "1" fires."""
    found = zabbix.call(
        "trigger.get",
        {"hostids": host, "output": ["description", "value"], "search": {"description": service}},
    )
    return [each for each in found if "are stuck" in each["description"] and each["value"] == value]


def items(zabbix, host, key):
    return zabbix.call(
        "item.get",
        {"hostids": host, "output": ["key_", "lastvalue"], "search": {"key_": key}},
    )


def check_asked(zabbix, host, leak, problems):
    service = f"127.0.0.1:{leak.port}"
    with leak:
        found = zabbix.until(
            lambda: items(zabbix, host, f"wirestate.stuck[{service}]"), 120, "service discovered"
        )
        if not found:
            problems.append("the leaking service is not discovered")
        if not zabbix.until(lambda: problem(zabbix, host, service, "1"), 120, "problem"):
            problems.append("the trigger does not fire for a leak")
        values = items(zabbix, host, "wirestate.connections[server,close_wait]")
        print("in CLOSE_WAIT:", values)
        leak.stop()
        leak.heal()
        if not zabbix.until(lambda: problem(zabbix, host, service, "0"), 120, "recovery"):
            problems.append("the trigger does not clear")


def check_sends(zabbix, host, program, capture, problems):
    lines = subprocess.run(
        [program, "zabbix", "--host", "sends", capture], capture_output=True, text=True, check=True
    ).stdout
    # Time stamps of now: a server keeps no values of another year.
    now = int(time.time())
    lines = "".join(
        " ".join([*line.split(" ")[:2], str(now), *line.split(" ")[3:]]) + "\n"
        for line in lines.splitlines()
    )

    def send():
        arguments = ["-z", "127.0.0.1", "-p", str(PORTS["server"]), "-T", "-i", "-"]
        result = subprocess.run(
            ["zabbix_sender", *arguments], input=lines, capture_output=True, text=True
        )
        print(result.stdout.strip().replace("\n", " "))
        return "failed: 0;" in result.stdout

    if not zabbix.until(send, 120, "line taken"):
        problems.append("zabbix_sender's lines are not all taken")
    found = zabbix.until(
        lambda: [i for i in items(zabbix, host, "wirestate.stuck[") if int(i["lastvalue"]) > 0],
        60,
        "values",
    )
    print("sent:", found)
    if not found:
        problems.append("no value of a service that was sent")


def main():
    program, capture = sys.argv[1:3]
    problems = []
    leak = Leak(every=1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        arguments = ["--threshold", "close-wait=2s", "--", f"port {leak.port}"]
        with (
            live(program, PORTS["live"], *arguments),
            contextlib.closing(Zabbix(folder)) as zabbix,
        ):
            zabbix.start()
            hosts = add_hosts(zabbix)
            check_sends(zabbix, hosts["sends"], program, capture, problems)
            check_asked(zabbix, hosts["asked"], leak, problems)
    print("; ".join(problems) or "Zabbix: as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
