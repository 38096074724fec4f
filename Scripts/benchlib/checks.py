"""Whether wirestate finds what the generator made, and the same on every way."""

import hashlib
import json
import subprocess

from .measuring import BenchError

# The generator's kinds by the ending that a report counts them under.
ENDINGS = {
    "graceful_by_client": ["closed-by-client", "closed-by-client-in-three"],
    "graceful_by_server": ["closed-by-server", "closed-by-server-in-three"],
    "graceful_by_both": ["closed-by-both"],
    "reset_by_client": ["reset-by-client"],
    "reset_by_server": ["reset-by-server"],
    "refused": ["refused"],
    "unanswered": ["unanswered"],
    "open": ["still-open"],
    "half_closed": ["half-closed-by-client", "half-closed-by-server"],
}


def output(command, stdin=None):
    done = subprocess.run(command, stdin=stdin, stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)}: exit code {done.returncode}")
    return done.stdout


def endings(programs, capture):
    """Rows of ending, connections made, connections found; every ending that either has."""
    made = {
        ending: sum(capture.made.get(kind, 0) for kind in kinds)
        for ending, kinds in ENDINGS.items()
    }
    found = {}
    for line in output(programs.report(capture.path, "--json")).splitlines():
        if line.startswith(b'{"endings"'):
            found = json.loads(line)["endings"]
    names = list(ENDINGS) + [name for name in found if name not in ENDINGS]
    rows = [(name, made.get(name, 0), found.get(name, 0)) for name in names]
    return [row for row in rows if row[1] or row[2]]


def checksums(programs, capture):
    """The checksum of the report in JSON, for each way of getting it."""
    ways = {
        "1 thread": ["--threads", "1"],
        "2 threads": ["--threads", "2"],
        "3 threads": ["--threads", "3"],
        "libpcap's reader": ["--engine", "libpcap"],
    }
    sums = {
        way: digest(output(programs.report(capture.path, "--json", *options)), capture.path)
        for way, options in ways.items()
    }
    with subprocess.Popen(["cat", capture.path], stdout=subprocess.PIPE) as source:
        sums["pipe"] = digest(output(programs.report("-", "--json"), source.stdout), "-")
    return sums


def digest(report, path):
    """Twelve digits; the file's name, which differs, is left out."""
    named = json.dumps({"files": [path]}, separators=(",", ":")).strip("{}")
    report = report.replace(named.encode(), b'"files":[]', 1)
    return hashlib.sha256(report).hexdigest()[:12]
