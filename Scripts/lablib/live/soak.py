"""Runs `wirestate live` under steady traffic for long, and watches its memory, CPU and losses.

The generators and nginx have one core, the capture the other.
"""

import os
import time

from .. import system
from . import hosts

# Each generator has an address, since a port is free again only after TIME_WAIT.
GENERATORS = 4
SETTLED_SECONDS = 300
# Growth of the resident memory after that time: what a table of equal size may differ by.
FLAT_SHARE = 0.05
LOST_SHARE = 0.0001
TICK = os.sysconf("SC_CLK_TCK")


def run(binary, rate, minutes, out=None):
    """Returns 0 where memory stays flat and hardly a packet is lost."""
    if os.cpu_count() < 2:
        raise system.LabError("a core for the generators and one for the capture are needed")
    with hosts.Hosts() as network:
        folder = out or network.scratch
        metrics = os.path.join(folder, "live.prom")
        live = network.start(
            network.proxy, "taskset", "-c", "1", binary, "live", "-i", "p0", "--quiet", "--json",
            "--every", "10s", "--findings-only", "-o", f"{folder}/live.jsonl",
            "--textfile", metrics,
        )  # fmt: skip
        pin(0, network.nginx.pid)
        seconds = minutes * 60
        for number in range(GENERATORS):
            address = f"10.71.1.{10 + number}"
            network.client.run("ip", "addr", "add", f"{address}/32", "dev", "c0")
            network.proxy.run("ip", "route", "add", f"{address}/32", "via", hosts.CLIENT)
            traffic = network.start_python(
                network.client, "requests", address, hosts.FRONT, rate / GENERATORS, seconds,
                "/", "server",
            )  # fmt: skip
            pin(0, traffic.pid)
        samples = []
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < seconds:
            if live.poll() is not None:
                raise system.LabError(f"live ends after {passed:.0f} s: exit {live.returncode}")
            samples.append((passed, resident_bytes(live.pid)))
            time.sleep(5)
        cpu = cpu_seconds(live.pid)
        # The file of metrics is written every 15 seconds.
        time.sleep(16)
        counts = read_metrics(metrics)
        live.terminate()
        live.wait(5)
    return judge(samples, cpu, counts, seconds)


def pin(core, pid):
    os.sched_setaffinity(pid, {core})


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICK


def read_metrics(path):
    """The sum over the labels of each metric."""
    sums = {}
    with open(path) as file:
        for line in file:
            if not line.startswith("#"):
                name, value = line.rsplit(None, 1)
                name = name.split("{", 1)[0]
                sums[name] = sums.get(name, 0) + float(value)
    return sums


def judge(samples, cpu, counts, seconds):
    packets = counts["wirestate_capture_packets_total"]
    lost = counts["wirestate_capture_dropped_packets_total"]
    connections = counts["wirestate_connections_seen_total"]
    settled = [size for passed, size in samples if passed >= min(SETTLED_SECONDS, seconds / 2)]
    growth = max(settled) / settled[0] - 1
    print(
        f"{connections:,.0f} connections ({connections / seconds:,.0f} a second),"
        f" {packets:,.0f} packets, {lost:,.0f} lost;"
        f" {cpu / packets * 1e6:.2f} µs of CPU a packet, {100 * cpu / seconds:.0f} % of a core;"
        f" resident {settled[0] >> 20} MiB, later {max(settled) >> 20} MiB at most"
    )
    return 0 if growth <= FLAT_SHARE and lost <= LOST_SHARE * packets else 1
