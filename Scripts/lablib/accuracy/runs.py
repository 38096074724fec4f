"""Records workloads, runs the program over the captures, and tells how often it is right."""

import glob
import json
import multiprocessing
import os
import shlex
import subprocess
import sys
import tempfile
import time
import traceback

from .. import system
from ..recording import Recording
from ..truth.history import KernelHistory
from ..workloads import WORKLOADS
from . import predictions
from .comparison import Comparison
from .report import Report, percent

VANTAGES = ("client", "server", "mid")

# The short form: workload and number of connections, for less than a minute in all.
SHORT = {
    "chosen-losses": 69,
    "half-close": 16,
    "client-closes": 30,
    "simultaneous-close": 24,
    "aborts": 32,
    "unread-data": 16,
    "refused": 12,
    "loopback": 20,
    "zero-window": 8,
}

_fork = multiprocessing.get_context("fork")


def record(names, seed, directory, jobs=1, counts=None, say=print):
    """Records workloads, `jobs` at a time; returns the names of those that failed."""
    running, failed = {}, []
    waiting = [WORKLOADS[name] for name in names]
    try:
        while waiting or running:
            for name, process in list(running.items()):
                if not process.is_alive():
                    del running[name]
                    if process.exitcode != 0:
                        failed.append(name)
            while waiting and len(running) < jobs:
                workload = waiting.pop(0)
                reason = workload.missing()
                if reason:
                    say(f"skipped: {workload.name}: {reason}")
                    continue
                count = (counts or {}).get(workload.name, workload.count)
                arguments = (workload, count, seed, directory, say)
                running[workload.name] = _fork.Process(target=_record_one, args=arguments)
                running[workload.name].start()
            time.sleep(0.05)
    finally:
        for process in running.values():
            process.terminate()
            process.join()
    return failed


def _record_one(workload, count, seed, directory, say):
    system.die_with_parent()
    setting = workload.setting
    try:
        with Recording(workload.name, setting, seed, directory, workload.index) as recording:
            recording.start()
            workload.play(recording, count)
            meta = recording.finish()
    except (system.LabError, OSError, RuntimeError):
        traceback.print_exc()
        sys.exit(1)
    seconds = (meta["end"] - meta["recording_start"]) / 1e9
    line = f"{workload.name:27s} {seconds:5.1f} s {meta['trace']['events']:6d} kernel events"
    if meta["trace"]["missed_pages"]:
        line += f", {meta['trace']['missed_pages']} trace pages lost"
    say(line)
    for error in meta["errors"]:
        say(f"    {error}")


def score(directory, command, only="", tell=False, show=0, say=print):
    """Runs `command` on every capture in `directory`; returns (report, failures)."""
    report, failures = Report(), []
    say(Report.COLUMNS)
    with tempfile.TemporaryDirectory(prefix="wirestate-lab-") as scratch:
        output = os.path.join(scratch, "transitions")
        for base in sorted(path[:-10] for path in glob.glob(f"{directory}/*.meta.json")):
            name = os.path.basename(base)
            if only not in name:
                continue
            history = KernelHistory(base)
            for vantage in VANTAGES:
                capture = f"{base}.{vantage}.pcap"
                if not os.path.exists(capture):
                    continue
                error = _predict(command, capture, vantage if tell else None, base, output)
                if error:
                    failures.append(f"{name} {vantage}: {error}")
                comparison = Comparison(history, vantage)
                result = comparison.compare(predictions.read(output, history.names))
                say(report.add(name, vantage, result))
                for mismatch in result.worst(show):
                    _show(mismatch, say)
    if not report.totals:
        raise system.LabError(f"{directory}: no recordings")
    for line in (*report.total_lines(), *report.detail_lines()):
        say(line)
    for failure in failures:
        say(f"failed: {failure}")
    return report, failures


def short(command, floor, seed):
    """Records and scores the short form; the exit status."""
    with tempfile.TemporaryDirectory(prefix="wirestate-lab-") as directory:
        failed = record(list(SHORT), seed, directory, jobs=2, counts=SHORT, say=lambda _: None)
        if failed:
            print(f"accuracy lab: recording failed: {', '.join(failed)}", file=sys.stderr)
            return 3
        report, failures = score(directory, command)
    total = report.all
    values = {
        "visible-sequence": total.visible_sequence,
        "precision": total.precision,
        "recall": total.recall,
    }
    under = [name for name, value in values.items() if value is None or value < floor]
    for name in under:
        print(f"accuracy lab: {name} {percent(values[name]).strip()} is under {floor}")
    if not under and not failures:
        print(f"accuracy lab: all at least {floor}")
    return 1 if under or failures else 0


def _predict(command, capture, vantage, base, output):
    """Runs the command on a capture; returns what went wrong, or None."""
    filled = command.replace("{pcap}", shlex.quote(capture))
    if vantage is not None:
        local = ",".join(_local_addresses(base, vantage)) or "none"
        filled = filled.replace("{vantage}", vantage).replace("{local}", local)
    with open(output, "w") as out:
        done = subprocess.run(filled, shell=True, stdout=out, stderr=subprocess.PIPE, text=True)
    if done.returncode in (0, 1):
        return None
    open(output, "w").close()
    return f"exit status {done.returncode}: {done.stderr.strip()[-200:]}"


def _local_addresses(base, vantage):
    with open(base + ".meta.json") as stored:
        addresses = json.load(stored)["addresses"]
    letters = {"client": "cx", "server": "s", "mid": ""}[vantage]
    return [address for name, address in addresses.items() if name[0] in letters]


def _show(mismatch, say):
    local, remote = mismatch.key
    ends = f"{mismatch.side} {local[0]} {local[1]} to {remote[0]} {remote[1]}"
    say(f"    {ends}" + (f": unknowable: {mismatch.unknowable}" if mismatch.unknowable else ""))
    for title, steps in (("kernel", mismatch.kernel), ("predicted", mismatch.predicted)):
        say(f"        {title:9s} " + ", ".join(f"{a} > {b}" for a, b in steps))
