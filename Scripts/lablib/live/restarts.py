"""Restarts a recording `wirestate live` under traffic, and looks what it wrote."""

import glob
import json
import os
import random
import re
import signal
import struct
import subprocess
import time

from .. import system
from . import hosts

LOADED = re.compile(r"[1-9][\d,]* connections loaded from")
# What a killed run may not have written yet.
LAST_SECONDS = 1.0


def run(binary, count, out=None):
    """Returns 0 where the files of all runs together hold what one tcpdump saw."""
    with hosts.Hosts(keepalive=600) as network:
        folder = out or network.scratch
        reference = os.path.join(folder, "reference.pcap")
        dump = network.start(
            network.proxy, "tcpdump", "-i", "p0", "-U", "-s", "128", "-B", "65536", "-w",
            reference, "tcp", stdin=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(1)
        gaps, run_gap = [], time.time()
        command = [binary, "live", "-i", "p0", "--json", "-o", f"{folder}/log.jsonl"]
        command += ["-w", f"{folder}/trace.pcap", "--rotate", "2s", "--keep", "50"]
        command += ["--state", f"{folder}/state", "--", "tcp"]
        traffic = network.start_python(
            network.client, "requests", hosts.CLIENT, hosts.FRONT, 40, count * 30, "/", "server"
        )
        warnings = []
        for number in range(count):
            errors = open(f"{folder}/errors.{number}", "w+")
            live = network.start(network.proxy, *command, stderr=errors)
            wait_for_capture(live)
            gaps.append((run_gap, time.time() + 0.2))
            if number == 0:
                network.start_python(network.client, "held", hosts.CLIENT, hosts.FRONT, 50)
            time.sleep(random.uniform(2, 3.5))
            is_kill = number % 2 == 1
            stopped = time.time()
            live.send_signal(signal.SIGKILL if is_kill else signal.SIGTERM)
            live.wait(5)
            run_gap = stopped - (LAST_SECONDS if is_kill else 0.05)
            errors.seek(0)
            warnings.append(errors.read())
        gaps.append((run_gap, time.time() + 60))
        traffic.kill()
        time.sleep(0.5)
        dump.terminate()
        dump.wait(5)
        return judge(folder, reference, gaps, warnings)


def wait_for_capture(live):
    """Until it has given up root's rights: it captures then."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with open(f"/proc/{live.pid}/status") as status:
            if "NoNewPrivs:\t1" in status.read():
                return
        time.sleep(0.02)
    raise system.LabError("live does not begin to capture")


def judge(folder, reference, gaps, warnings):
    files = sorted(glob.glob(f"{folder}/trace-*.pcap"))
    ours = {}
    for file in files:
        for key, _ in packets(file):
            ours[key] = ours.get(key, 0) + 1
    missing = total = 0
    oldest = min((moment for file in files[:1] for _, moment in packets(file)), default=0)
    for key, moment in packets(reference):
        if moment < oldest or any(start <= moment <= end for start, end in gaps):
            continue
        total += 1
        if ours.get(key, 0) > 0:
            ours[key] -= 1
        else:
            missing += 1
            if missing <= 5:
                print(
                    f"missing: a packet of {moment:.3f}, {distance(gaps, moment):.3f} s from a gap"
                )
    lines = bad = 0
    with open(f"{folder}/log.jsonl") as log:
        for line in log:
            lines += 1
            try:
                json.loads(line)
            except ValueError:
                bad += 1
    goes_on = sum(bool(LOADED.search(text)) for text in warnings)
    print(
        f"{len(files)} files, {total} packets outside of gaps, {missing} missing;"
        f" {lines} lines, {bad} bad; {goes_on} of {len(warnings)} runs loaded connections"
    )
    is_right = total and not missing and lines and not bad and len(files) <= 50
    return 0 if is_right and goes_on == len(warnings) - 1 else 1


def distance(gaps, moment):
    """Seconds from a moment to the nearest gap."""
    return min(max(start - moment, moment - end) for start, end in gaps)


def packets(path):
    """What tells each packet of a capture, and its time in seconds; a cut last one is left out."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 24:
        return
    is_fine = data[:4] == struct.pack("=I", 0xA1B23C4D)
    place = 24
    while place + 16 <= len(data):
        second, fraction, captured, length = struct.unpack_from("=IIII", data, place)
        if place + 16 + captured > len(data):
            return
        moment = second + fraction / (1e9 if is_fine else 1e6)
        yield data[place + 16 : place + 16 + captured] + struct.pack("=I", length), moment
        place += 16 + captured
