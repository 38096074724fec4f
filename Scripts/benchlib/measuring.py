"""Runs programs and measures what they cost."""

import dataclasses
import os
import resource
import statistics
import subprocess
import threading
import time

MIB = 1 << 20
SAMPLE_SECONDS = 0.01


class BenchError(Exception):
    """Something the user has to know about; printed without a traceback."""


@dataclasses.dataclass
class Limits:
    """How much a program may use before it is ended."""

    seconds: float = 600
    bytes: int = 16 << 30


@dataclasses.dataclass
class Cost:
    """One run. Seconds and bytes; `failure` in words, or None."""

    wall: float
    user: float
    system: float
    peak: int
    private: int
    failure: str | None = None

    @property
    def processor(self):
        return self.user + self.system


class MemoryWatch(threading.Thread):
    """Follows a process's memory while it runs.

    `peak` is what the kernel keeps of it (VmHWM), mapped files included; `private` the most
    anonymous memory at any look, one every hundredth of a second.
    """

    def __init__(self, identifier):
        super().__init__(daemon=True)
        self.path = f"/proc/{identifier}/status"
        self.peak = 0
        self.private = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(SAMPLE_SECONDS):
            try:
                with open(self.path, encoding="ascii", errors="replace") as status:
                    for line in status:
                        if line.startswith("VmHWM:"):
                            self.peak = max(self.peak, int(line.split()[1]) << 10)
                        elif line.startswith("RssAnon:"):
                            self.private = max(self.private, int(line.split()[1]) << 10)
            except OSError:
                return


UNLIMITED = Limits()


def run(command, limits=UNLIMITED, stdin=None):
    """Runs a program to its end, its output thrown away, and returns its cost.

    `stdin` is the path of what it reads from standard input; None for nothing.
    """

    def set_limits():
        resource.setrlimit(resource.RLIMIT_AS, (limits.bytes, limits.bytes))

    start = time.monotonic()
    with open(stdin or os.devnull, "rb") as standard_input:
        process = subprocess.Popen(
            command,
            stdin=standard_input,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=set_limits,
        )
    watch = MemoryWatch(process.pid)
    watch.start()
    out_of_time = threading.Event()

    def end():
        out_of_time.set()
        process.kill()

    alarm = threading.Timer(limits.seconds, end)
    alarm.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    alarm.cancel()
    watch.ended.set()
    watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    failure = None
    if out_of_time.is_set():
        failure = f"over {limits.seconds:g} s"
    elif process.returncode != 0:
        failure = f"fails ({process.returncode})"
        if watch.private > limits.bytes // 2:
            failure = f"over {limits.bytes / MIB:,.0f} MiB"
    return Cost(wall, usage.ru_utime, usage.ru_stime, watch.peak, watch.private, failure)


def median(costs):
    """The median of each, and the most memory."""
    failures = [cost.failure for cost in costs if cost.failure]
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.user for cost in costs),
        statistics.median(cost.system for cost in costs),
        max(cost.peak for cost in costs),
        max(cost.private for cost in costs),
        failures[0] if failures else None,
    )


def measure(contenders, rounds, show):
    """Runs all contenders in turn, so often; a name and median cost for each, in their order.

    What fails or is too slow once is not run again.
    """
    costs = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        for contender in contenders:
            known = costs[contender.name]
            if known and known[-1].failure:
                continue
            show(f"round {number + 1} of {rounds}: {contender.name}")
            known.append(run(contender.command, contender.limits, contender.stdin))
    return {name: median(known) for name, known in costs.items()}


@dataclasses.dataclass
class Contender:
    """A program and how it is run."""

    name: str
    command: list
    limits: Limits = dataclasses.field(default_factory=Limits)
    stdin: str | None = None


def warm(path):
    """Reads a file, so that it is in the page cache."""
    with open(path, "rb", buffering=0) as file:
        while file.read(8 << 20):
            pass
