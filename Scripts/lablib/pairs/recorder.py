"""Records pairs: the captures of both sides, edited as taps differ, and the truth beside them."""

import ipaddress
import json
import os
import random
import tempfile

from ..cases.recorder import CaseRecording, record_each
from ..recording import Setting
from . import captures, truth
from .kinds import KINDS
from .tracing import TracingForwarder

PREFIXES = ("10.3", "2001:db8:3")
LARGEST_OFFSET, LARGEST_DRIFT, SMALL_DRIFT = 3.0, 50e-6, 20e-6


def _named(address):
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class PairRecording(CaseRecording):
    """A recording whose forwarder writes down the fate of each segment."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.noted = []

    def _forwarder(self):
        """The bridge between the hosts; its log is the truth."""
        return super()._forwarder(TracingForwarder, self.base + ".fates.jsonl")

    def note_ends(self, near, far):
        """Notes a connection's sockets at both taps, where no forwarder knows of them."""
        names = [sorted(map(_named, (end.getsockname(), end.getpeername()))) for end in (near, far)]
        self.noted.append(names)

    def translated_client(self):
        """The packed address under which a translator shows the client to the server."""
        address = f"{self.network.prefix4}.1.99"
        self.network._know_neighbour("server", address, self.network.hardware["client"])
        return ipaddress.ip_address(address).packed


def record(name, seed, directory):
    """Records a kind into `directory`; returns what went wrong."""
    kind = KINDS[name]
    path = lambda recording: kind.path(seed, recording)  # noqa: E731
    setting = Setting(**{"snapshot_length": 192, "path": path, **kind.setting})
    with tempfile.TemporaryDirectory(prefix="wirestate-lab-") as scratch:
        with PairRecording(name, setting, seed, scratch, prefixes=PREFIXES) as recording:
            recording.start()
            has_others = kind.setting.get("topology", "bridge") == "bridge"
            if has_others:
                recording.background(2)
            kind.play(recording)
            if has_others:
                recording.background(2)
            recording.finish()
            _store(kind, recording, seed, os.path.join(directory, f"{name}.{seed}"))
            return recording.errors


def _edits(kind, chance):
    """How each tap differs: the server's clock is always another one."""
    found = {tap: make(chance) for tap, make in kind.edits.items()}
    edits = {tap: found.get(tap) or captures.Edit() for tap in kind.taps}
    server = edits[truth.SERVER]
    server.offset = chance.uniform(-LARGEST_OFFSET, LARGEST_OFFSET)
    size = LARGEST_DRIFT if kind.is_drifting else chance.random() * SMALL_DRIFT
    server.drift = chance.choice((-1, 1)) * size
    return edits


def _store(kind, recording, seed, base):
    sources = {tap: "mid" if tap == "middle" else tap for tap in kind.taps}
    recorded = {
        tap: captures.read(f"{recording.base}.{source}.pcap") for tap, source in sources.items()
    }
    fates, taps = {}, None
    if kind.is_traced:
        own = {tap: _packed_addresses(recording, tap) for tap in recorded}
        log = recording.base + ".fates.jsonl"
        fates, taps = truth.trace(recorded["client"], recorded["server"], own, log)
    times = [record.time for records in recorded.values() for record in records]
    span = (min(times), max(times))
    edits = _edits(kind, random.Random(f"{kind.name} {seed}"))
    kept = {tap: captures.edited(recorded[tap], edits[tap], span) for tap in recorded}
    files = {tap: captures.write(kept[tap], f"{base}.{tap}.pcap", edits[tap].files) for tap in kept}
    server = edits["server"]
    label = {
        "kind": kind.name,
        "description": kind.description,
        "seed": seed,
        "files": {tap: [os.path.basename(path) for path in files[tap]] for tap in files},
        "verdict": kind.verdict,
        "clock": {
            "first": span[0],
            "offset": round(server.offset * captures.SECOND),
            "drift": server.drift,
            "step": round(server.step * captures.SECOND),
            "step_time": span[0] + round(server.step_at * (span[1] - span[0])),
        },
        "half_round_trip": _half_round_trip(fates, recorded, taps),
        "is_traced": kind.is_traced,
        "connections": recording.noted
        + sorted([sorted(near), sorted(far)] for near, far in truth.connections(fates, taps, kept)),
    }
    with open(f"{base}.json", "w") as out:
        json.dump(label, out, indent=1)
    with open(f"{base}.fates.jsonl", "w") as out:
        for row in truth.in_files(fates, taps, kept):
            out.write(json.dumps(row) + "\n")


def _packed_addresses(recording, tap):
    return {
        ipaddress.ip_address(address).packed
        for address in recording.network.addresses().values()
        if recording.network.side_of(address) == tap
    }


def _half_round_trip(fates, recorded, taps):
    """Half of the least time from tap to tap and back of any connection, in nanoseconds."""
    least = {}
    for (tap, index), (fate, other) in fates.items():
        if fate != "arrived" or other is None:
            continue
        segment = taps[tap].frames[index][0]
        sender = (segment.source, segment.source_port)
        ends = sender, (segment.destination, segment.destination_port)
        delay = recorded[other[0]][other[1]].time - recorded[tap][index].time
        if delay > 0:
            ways = least.setdefault(frozenset(ends), {})
            ways[tap] = min(delay, ways.get(tap, delay))
    trips = [sum(ways.values()) / 2 for ways in least.values() if len(ways) == 2]
    return min(trips, default=None)


def record_all(names, seed, directory, jobs, say=print):
    """Records kinds, `jobs` at a time, the longest first; returns those that failed."""
    longest_first = sorted(names, key=lambda name: not KINDS[name].is_drifting)
    return record_each(longest_first, record, seed, directory, jobs, say)
