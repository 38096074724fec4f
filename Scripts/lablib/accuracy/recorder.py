"""Records workloads, several at a time, each in a process of its own."""

import multiprocessing
import sys
import time
import traceback

from .. import system
from ..recording import Recording
from ..workloads import WORKLOADS

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
