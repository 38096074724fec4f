"""Compares `wirestate live` with ss on the host that it watches, second by second."""

import json
import os
import subprocess
import threading
import time

from .. import system
from . import hosts

# The states of one sample may lie so far apart: ss sees the sockets, the packets tell of them.
SLACK_SECONDS = 2
SLACK_COUNT, SLACK_SHARE = 2, 0.02


class Plan:
    """How much traffic, for how long, and with which timers."""

    def __init__(self, seconds, silence, rate, sysctls, timers):
        self.seconds, self.silence, self.rate = seconds, silence, rate
        self.sysctls, self.timers = sysctls, timers

    @staticmethod
    def long():
        """The kernel's own timers: 5,000 connections, then 150 s of silence."""
        return Plan(40, 150, 100, {}, [])

    @staticmethod
    def short():
        """Timers of seconds, but for TIME_WAIT, which is fixed in the kernel."""
        sysctls = {
            "net.ipv4.tcp_fin_timeout": 4,
            "net.ipv4.tcp_synack_retries": 1,
            "net.ipv4.tcp_syn_retries": 1,
            "net.ipv4.tcp_orphan_retries": 3,
        }
        timers = ["fin-wait-2=4s", "syn-received=3s", "syn-sent=3s", "orphan-retries=6s"]
        return Plan(6, 16, 60, sysctls, timers)


class Sampler(threading.Thread):
    """What the kernel's table shows, ten times a second."""

    def __init__(self, count):
        super().__init__(daemon=True)
        self.count, self.samples, self.is_over = count, [], False

    def run(self):
        while not self.is_over:
            begun = time.time()
            counts = self.count()
            self.samples.append((begun, time.time(), counts))
            time.sleep(max(0.0, 0.1 - (time.time() - begun)))

    def range(self, state, moment):
        """The least and the most sockets in a state within the slack around a moment."""
        near = [
            counts.get(state, 0)
            for begun, ended, counts in self.samples
            if ended >= moment - SLACK_SECONDS and begun <= moment + SLACK_SECONDS
        ]
        return (min(near), max(near)) if near else None


def run(binary, plan, out=None):
    """Returns how many samples were wrong; prints each."""
    with hosts.Hosts(plan.sysctls) as network:
        network.pretend_flooders(100)
        path = os.path.join(out or network.scratch, "live.jsonl")
        command = [binary, "live", "-i", "p0", "-i", "p1", "--quiet", "--json", "--every", "1s"]
        command += ["--states", "ss", "--local", f"{hosts.FRONT},{hosts.BACK}"]
        command += ["--prime", "--reconcile"]
        for timer in plan.timers:
            command += ["--timer", timer]
        with open(path, "w") as output, open(path + ".errors", "w") as errors:
            live = network.start(network.proxy, *command, stdout=output, stderr=errors)
        time.sleep(1)
        sampler = Sampler(network.count_sockets_quickly)
        sampler.start()
        drive(network, plan)
        time.sleep(plan.silence)
        sampler.is_over = True
        sampler.join()
        truth = network.count_sockets()
        live.terminate()
        try:
            live.wait(5)
        except subprocess.TimeoutExpired:
            raise system.LabError("live does not end within 5 s of SIGTERM") from None
        with open(path) as lines:
            events = [json.loads(line) for line in lines]
        if live.returncode != 0:
            raise system.LabError(f"live: exit {live.returncode}: {open(path + '.errors').read()}")
    return judge(events, sampler, truth)


def drive(network, plan):
    """The traffic, for so many seconds."""
    client, proxy = network.client, network.proxy
    rate, seconds = plan.rate, plan.seconds
    held = network.start_python(client, "held", hosts.VANISHED, hosts.FRONT, rate)
    time.sleep(2)
    network.vanish()
    network.start_python(proxy, "connects", hosts.VOID, max(10, rate // 4))
    network.start_python(client, "syns", hosts.FRONT, 100, rate * 3, rate)
    shares = ((0.5, "/", "server"), (0.25, "/", "client"), (0.25, "/slow", "server"))
    parts = [
        network.start_python(
            client, "requests", hosts.CLIENT, hosts.FRONT, rate * share, seconds, path, manner
        )
        for share, path, manner in shares
    ]
    deadline = time.monotonic() + seconds + 20
    for part in parts:
        try:
            part.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.kill()
    held.kill()


def judge(events, sampler, truth):
    samples = [event for event in events if event.get("event") == "states"]
    wrong = disagreements = 0
    worst = 0.0
    for sample in samples:
        moment = sample["ts"] / 1e9
        if not sampler.samples[0][0] + 2 <= moment <= sampler.samples[-1][0] - 2:
            continue
        counts = sample.get("local_states") or {}
        for state in sorted(set(counts) | set(sampler.samples[-1][2])):
            told, near = counts.get(state, 0), sampler.range(state, moment)
            if near is None:
                continue
            slack = max(SLACK_COUNT, SLACK_SHARE * near[1])
            off = max(near[0] - told, told - near[1], 0)
            worst = max(worst, off / max(1, slack))
            if off > slack:
                wrong += 1
                if wrong <= 20:
                    print(f"{moment:.1f} {state}: {told}, ss {near[0]} to {near[1]}")
    for event in events:
        if event.get("event") == "disagreement":
            disagreements += 1
            if disagreements <= 10:
                print("reconcile:", json.dumps(event))
    last = [sample.get("local_states") or {} for sample in samples[-1:]]
    is_equal = bool(last) and last[0] == truth
    print(
        f"{len(samples)} samples beside {len(sampler.samples)} of the kernel's,"
        f" {wrong} counts out of bounds (worst {worst:.2f} of the slack),"
        f" {disagreements} disagreements; at the end live {last[0] if last else None}, ss {truth}"
    )
    return 0 if samples and not wrong and not disagreements and is_equal else 1
