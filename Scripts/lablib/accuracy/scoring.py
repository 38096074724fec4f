"""Runs the program over the captures of recordings, and tells how often it is right."""

import concurrent.futures
import glob
import json
import os
import shlex
import subprocess
import sys
import tempfile

from .. import system
from ..truth.history import KernelHistory
from . import cuts, predictions
from .comparison import Comparison
from .recorder import SHORT, record
from .report import Report, percent
from .score import Score

VANTAGES = ("client", "server", "mid")
HOSTS = ("client", "server")


class Scoring:
    """One command, run on capture after capture; `failures` tells which it failed on.

    A command with {taps} is run once for each recording, on the captures of both hosts.
    With `tell`, the command learns where the tap was. With `cut_count`, each capture is
    cut at that many moments, and what begins there is scored instead of the whole.
    """

    def __init__(self, command, tell=False, cut_count=0, seed=1):
        self._command, self._tell = command, tell
        self._cut_count, self._seed = cut_count, seed
        self.failures = []

    def scores(self, base):
        """(vantage, score) for each capture of a recording, and on which the command failed."""
        self.failures, found = [], []
        history = KernelHistory(base)
        moments = cuts.moments(history, self._cut_count, self._seed) if self._cut_count else [None]
        for vantage in ("both",) if "{taps}" in self._command else VANTAGES:
            taps = HOSTS if vantage == "both" else (vantage,)
            captures = {tap: f"{base}.{tap}.pcap" for tap in taps}
            if not all(map(os.path.exists, captures.values())):
                continue
            total = Score()
            for moment in moments:
                total.add(self._score(history, base, vantage, captures, moment))
            found.append((vantage, total))
        return found, self.failures

    def _score(self, history, base, vantage, captures, moment):
        with tempfile.TemporaryDirectory(prefix="wirestate-lab-") as scratch:
            output = f"{scratch}/transitions"
            if moment is not None:
                whole, captures = captures, {tap: f"{scratch}/{tap}.pcap" for tap in captures}
                kept = [cuts.cut(whole[tap], moment, captures[tap]) for tap in captures]
                if not all(kept):
                    return Score()
            error = self._predict(captures, vantage, base, output)
            if error:
                self.failures.append(f"{os.path.basename(base)} {vantage}: {error}")
            predicted = predictions.read(output, history.names)
        return Comparison(history, vantage, moment).compare(predicted)

    def _predict(self, captures, vantage, base, output):
        """Runs the command on a capture, or on two; returns what went wrong, or None."""
        quoted = {tap: shlex.quote(path) for tap, path in captures.items()}
        words = " ".join(f"--tap {tap}={path}" for tap, path in quoted.items())
        filled = self._command.replace("{taps}", words)
        filled = filled.replace("{pcap}", quoted.get(vantage, ""))
        if self._tell:
            local = ",".join(_local_addresses(base, vantage)) or "none"
            filled = filled.replace("{vantage}", vantage).replace("{local}", local)
        with open(output, "w") as out:
            done = subprocess.run(filled, shell=True, stdout=out, stderr=subprocess.PIPE, text=True)
        if done.returncode in (0, 1):
            return None
        open(output, "w").close()
        return f"exit status {done.returncode}: {done.stderr.strip()[-200:]}"


def score(directories, scoring, only="", show=0, as_markdown=False, jobs=1, say=print):
    """Scores every recording in some directories; returns the report."""
    report = Report()
    say(Report.COLUMNS)
    found = [path for each in directories for path in glob.glob(f"{each}/*.meta.json")]
    bases = sorted(path.removesuffix(".meta.json") for path in found)
    bases = [base for base in bases if only in os.path.basename(base)]
    failures = []
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for base, (scores, failed) in zip(bases, pool.map(scoring.scores, bases)):
            failures += failed
            for vantage, result in scores:
                say(report.add(os.path.basename(base), vantage, result))
                for mismatch in result.worst(show):
                    _show(mismatch, say)
    scoring.failures = failures
    if not report.totals:
        raise system.LabError(f"{', '.join(directories)}: no recordings")
    for line in (*report.total_lines(), *report.detail_lines()):
        say(line)
    if as_markdown:
        for line in ("", *report.markdown_lines()):
            say(line)
    for failure in scoring.failures:
        say(f"failed: {failure}")
    return report


def short(command, floor, seed):
    """Records and scores the short form; the exit status."""
    with tempfile.TemporaryDirectory(prefix="wirestate-lab-") as directory:
        failed = record(list(SHORT), seed, directory, jobs=2, counts=SHORT, say=lambda _: None)
        if failed:
            print(f"accuracy lab: recording failed: {', '.join(failed)}", file=sys.stderr)
            return 3
        scoring = Scoring(command)
        report = score([directory], scoring)
    total = report.all
    values = {
        "share of the knowable": total.knowable,
        "precision": total.precision,
        "recall": total.recall,
    }
    under = [name for name, value in values.items() if value is None or value < floor]
    for name in under:
        print(f"accuracy lab: {name} {percent(values[name]).strip()} is under {floor}")
    if not under and not scoring.failures:
        print(f"accuracy lab: all at least {floor}")
    return 1 if under or scoring.failures else 0


def _local_addresses(base, vantage):
    with open(base + ".meta.json") as stored:
        addresses = json.load(stored)["addresses"]
    letters = {"client": "cx", "server": "s", "mid": "", "both": "cxs"}[vantage]
    return [address for name, address in addresses.items() if name[0] in letters]


def _show(mismatch, say):
    local, remote = mismatch.key
    ends = f"{mismatch.side} {local[0]} {local[1]} to {remote[0]} {remote[1]}"
    say(f"    {ends}" + (f": unknowable: {mismatch.unknowable}" if mismatch.unknowable else ""))
    for title, steps in (("kernel", mismatch.kernel), ("predicted", mismatch.predicted)):
        say(f"        {title:9s} " + ", ".join(f"{a} > {b}" for a, b in steps))
