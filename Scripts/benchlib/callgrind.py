"""Counts what a program does under callgrind: no other load disturbs that."""

import os
import re
import shutil
import subprocess
import tempfile

from .measuring import BenchError

# A last-level cache of 1 MiB: of millions of connections it holds as good as none.
SMALL_CACHE = ["--cache-sim=yes", "--LL=1048576,16,64"]


def is_missing():
    return shutil.which("valgrind") is None


def without_debug_information(binary, directory):
    """A copy that valgrind can load: its reader gives up on some of the compiler's DWARF."""
    copy = os.path.join(directory, "wirestate")
    subprocess.run(["strip", "--strip-debug", "-o", copy, binary], check=True)
    return copy


def events(command, options=()):
    """The events of a run by name: `Ir` instructions, `DLmr` and `DLmw` lines from memory."""
    with tempfile.NamedTemporaryFile(prefix="callgrind.") as out:
        return _run(command, options, out.name)


def inclusive(command):
    """Instructions of a whole run, and of each function with all that it calls."""
    with tempfile.NamedTemporaryFile(prefix="callgrind.") as out:
        total = _run(command, (), out.name)["Ir"]
        annotate = ["callgrind_annotate", "--inclusive=yes", "--threshold=100", out.name]
        done = subprocess.run(annotate, capture_output=True, text=True, check=True)
    functions = {}
    for line in done.stdout.splitlines():
        found = re.match(r" *([\d,]+) \([^)]*\) +\S*?:(\S+)", line)
        if found:
            functions[found[2]] = int(found[1].replace(",", ""))
    return total, functions


def _run(command, options, out):
    call = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *options, *command]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    names = re.search(r"Events +: (.*)", done.stderr)
    counts = re.search(r"Collected : (.*)", done.stderr)
    if done.returncode != 0 or not names or not counts:
        raise BenchError(f"{' '.join(command)} under callgrind failed:\n{done.stderr[-2000:]}")
    return dict(zip(names[1].split(), map(int, counts[1].split()), strict=True))
