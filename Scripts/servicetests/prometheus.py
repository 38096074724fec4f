#!/usr/bin/env python3
"""Lets Debian's Prometheus scrape `wirestate live` while connections come, go and leak.

usage: prometheus.py WIRESTATE [SECONDS]

promtool finds nothing to complain of in the rules and the metrics; the target is up; every
expression of the dashboard returns data; counters never fall; the gauges are what ss counts, of
both ends and in every state. Needs root, to capture on the loopback interface. Exit code 1 if a
check fails.
"""

import collections
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from leak import Leak, live

HERE = pathlib.Path(__file__).resolve().parent
MONITORING = HERE.parent / "monitoring"
TOKEN = "of-this-test-alone-0123"


def get(url, headers=None):
    request = urllib.request.Request(url, headers=headers or {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def wait_for(url, seconds, headers=None):
    end = time.monotonic() + seconds
    while True:
        try:
            return get(url, headers)
        except (urllib.error.URLError, ConnectionError) as error:
            if time.monotonic() > end:
                raise SystemExit(f"{url}: {error}") from error
            time.sleep(0.2)


class Prometheus:
    def __init__(self, folder, target):
        (folder / "token").write_text(TOKEN)
        (folder / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{MONITORING}/wirestate.rules.yml]
scrape_configs:
  - job_name: wirestate
    authorization: {{type: Bearer, credentials_file: {folder}/token}}
    static_configs: [{{targets: ['{target}']}}]
""")
        self.url = "http://127.0.0.1:9497"
        self.process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data",
                "--web.listen-address=127.0.0.1:9497",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.url + "/-/ready", 60)

    def query(self, expression):
        url = self.url + "/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        return json.loads(get(url))["data"]["result"]

    def close(self):
        self.process.terminate()
        self.process.wait()


def check_files(problems):
    for arguments in (
        ["check", "rules", "wirestate.rules.yml"],
        ["test", "rules", "wirestate.rules.test.yml"],
    ):
        result = subprocess.run(
            ["promtool", *arguments], cwd=MONITORING, capture_output=True, text=True
        )
        if result.returncode != 0:
            problems.append(result.stdout + result.stderr)
    written = (MONITORING / "grafana.json").read_text()
    made = subprocess.run(
        [sys.executable, str(MONITORING / "dashboard.py")], capture_output=True, text=True
    ).stdout
    if made != written:
        problems.append("grafana.json is not what dashboard.py prints")


def expressions():
    """Those of the dashboard, with its variables filled in."""
    panels = json.loads((MONITORING / "grafana.json").read_text())["panels"]
    if len({panel["id"] for panel in panels}) != len(panels):
        raise SystemExit("grafana.json: two panels have one number")
    for panel in panels:
        for target in panel["targets"]:
            expression = target["expr"].replace("$__rate_interval", "15s")
            yield panel["title"], expression.replace("$instance", ".*")


# ss spells states in its own way; node_exporter's names are those of the metrics.
STATES = {
    "ESTAB": "established",
    "SYN-SENT": "syn_sent",
    "SYN-RECV": "syn_recv",
    "FIN-WAIT-1": "fin_wait1",
    "FIN-WAIT-2": "fin_wait2",
    "TIME-WAIT": "time_wait",
    "CLOSE-WAIT": "close_wait",
    "LAST-ACK": "last_ack",
    "CLOSING": "closing",
}


# These run out by themselves, after 60 to 62 s: the kernel's clock of so long a time is coarse.
PASSING = ("time_wait", "fin_wait2")


def sockets(port):
    """How many sockets of both ends ss counts, by role and state."""
    lines = subprocess.run(
        ["ss", "-Htan", f"( sport = :{port} or dport = :{port} )"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    counts = collections.Counter()
    for line in lines:
        state, _, _, local, _ = line.split()[:5]
        if state in STATES:
            role = "server" if local.endswith(f":{port}") else "client"
            counts[role, STATES[state]] += 1
    return counts


def gauges(prometheus):
    found = prometheus.query("wirestate_connections")
    counts = {
        (each["metric"]["role"], each["metric"]["state"]): int(each["value"][1]) for each in found
    }
    return collections.Counter({key: count for key, count in counts.items() if count})


def watch(prometheus, port, seconds, problems):
    """Compares gauges with ss while connections come and go: a gauge is some seconds old."""
    worst, samples, end = (-100, 0, ("", "")), 0, time.monotonic() + seconds
    missed = 0
    history = [sockets(port)]
    while time.monotonic() < end:
        time.sleep(1)
        seen = gauges(prometheus)
        # What was there a while before the answer came, and what is now.
        history = [*history[-7:], sockets(port)]
        samples += 1
        # A scrape that takes longer than its second leaves no gauge; the first is still to come.
        if not seen:
            missed += samples > 7
            continue
        for key in set(seen).union(*history):
            counts = [each[key] for each in history]
            beside = max(min(counts) - seen[key], seen[key] - max(counts))
            if samples > 7:
                worst = max(worst, (beside - (20 if key[1] in PASSING else 3), beside, key))
    excess, beside, key = worst
    print(
        f"{samples} scrapes under churn, {missed} missed: at worst {beside} {key} beside what ss"
        " counted in 7 s"
    )
    if missed > samples / 50:
        problems.append(f"{missed} of {samples} scrapes are missed")
    if excess > 0:
        problems.append(f"a gauge is {beside} beside what ss counts: {key}")


def check_scrapes(prometheus, address, leak, seconds, problems):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    text = wait_for(f"http://{address}/metrics", 30, headers)
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True
    )
    if checked.returncode != 0 or checked.stdout + checked.stderr:
        problems.append(f"promtool check metrics: {checked.stdout}{checked.stderr}")
    watch(prometheus, leak.port, seconds, problems)
    leak.stop()
    time.sleep(4)
    if [each["value"][1] for each in prometheus.query('up{job="wirestate"}')] != ["1"]:
        problems.append("the target is not up")
    for title, expression in expressions():
        found = prometheus.query(expression)
        if not found:
            problems.append(f"{title}: no data: {expression}")
    for metric in ("transitions_total", "capture_packets_total", "closes_total"):
        falls = prometheus.query(f"sum(resets(wirestate_{metric}[1h]))")
        if [each["value"][1] for each in falls] != ["0"]:
            problems.append(f"wirestate_{metric} falls: {falls}")
    seen, there = gauges(prometheus), sockets(leak.port)
    late = {key: (seen[key], there[key]) for key in seen | there if key[1] not in PASSING}
    for key, (ours, kernels) in late.items():
        if ours != kernels:
            problems.append(f"{ours} {key}, ss has {kernels}")
    stuck = there["server", "close_wait"]
    if stuck == 0:
        problems.append("nothing is stuck")
    print(f"{stuck} sockets in CLOSE_WAIT by ss, {seen['server', 'close_wait']} by Prometheus")


def main():
    program = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    problems = []
    check_files(problems)
    leak = Leak()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        token = folder / "server-token"
        token.write_text(TOKEN + "\n")
        token.chmod(0o600)
        arguments = ["--token-file", str(token), "--threshold", "close-wait=2s"]
        with live(program, 9496, *arguments, "--", f"port {leak.port}"):
            wait_for("http://127.0.0.1:9496/healthz", 30, {"Authorization": f"Bearer {TOKEN}"})
            with contextlib.closing(Prometheus(folder, "127.0.0.1:9496")) as prometheus, leak:
                check_scrapes(prometheus, "127.0.0.1:9496", leak, seconds, problems)
    print("; ".join(problems) or "metrics, rules and dashboard: as they should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
