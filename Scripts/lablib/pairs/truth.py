"""What became of each frame of a pair of captures, by the forwarder's own log."""

import collections
import json
import socket

from ..forwarder import TO_SERVER
from .captures import segment_of
from .tracing import digest

CLIENT, SERVER = "client", "server"


def _log(path):
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def _ends(segment):
    """Both ends as `address:port`, the sender's first."""

    def text(address, port):
        family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
        name = socket.inet_ntop(family, address)
        return f"{name}:{port}" if family == socket.AF_INET else f"[{name}]:{port}"

    return (
        text(segment.source, segment.source_port),
        text(segment.destination, segment.destination_port),
    )


class Tap:
    """The frames of one recorded capture, each with its line of the forwarder's log."""

    def __init__(self, records, own_addresses):
        self.frames = []
        for record in records:
            segment = segment_of(record)
            if segment is None:
                self.frames.append(None)
                continue
            is_sent = segment.source in own_addresses
            self.frames.append((segment, is_sent, digest(record.frame, record.length), record))


def trace(client_records, server_records, own_addresses, log):
    """The fate of each frame: {(tap, index): (fate, (tap, index) or None)}.

    `own_addresses` maps a tap's name to the packed addresses of its host.
    """
    taps = {
        CLIENT: Tap(client_records, own_addresses[CLIENT]),
        SERVER: Tap(server_records, own_addresses[SERVER]),
    }
    received = collections.defaultdict(collections.deque)
    sent = collections.defaultdict(collections.deque)
    for line in _log(log):
        name = (line["way"], line["digest"])
        if "received" in line:
            received[name].append(line["received"])
        else:
            sent[name].append(line["sent"])
    numbers, arrivals, fates = {}, collections.defaultdict(list), {}
    for tap, other_way in ((CLIENT, TO_SERVER), (SERVER, 1 - TO_SERVER)):
        for index, entry in enumerate(taps[tap].frames):
            if entry is None:
                continue
            _, is_sent, name, _ = entry
            if is_sent:
                queue = received[(other_way, name)]
                numbers[(tap, index)] = queue.popleft() if queue else None
            else:
                queue = sent[(1 - other_way, name)]
                origin = queue.popleft() if queue else -1
                arrivals[origin].append((tap, index))
    by_number = {number: place for place, number in numbers.items() if number is not None}
    for place, number in numbers.items():
        found = arrivals.get(number, []) if number is not None else []
        fates[place] = ("arrived", found[0]) if found else ("lost", None)
    for origin, places in arrivals.items():
        for rank, place in enumerate(places):
            if origin is None or origin not in by_number:
                fates[place] = ("injected", None)
            else:
                fates[place] = ("duplicated" if rank else "arrived", by_number[origin])
    return fates, taps


def connections(fates, taps, kept):
    """The ends of each connection that both captures have: pairs of sets of two ends."""
    found = set()
    places = {(tap, record.source) for tap, records in kept.items() for record in records}
    for place, (_, other) in fates.items():
        if other is None or place[0] != CLIENT or not {place, other} <= places:
            continue
        near = taps[CLIENT].frames[place[1]][0]
        far = taps[SERVER].frames[other[1]][0]
        found.add((frozenset(_ends(near)), frozenset(_ends(far))))
    return found


def in_files(fates, taps, kept):
    """The fates by the frames that the edited captures have; numbers count from 1.

    `kept` maps a tap's name to its records; what the other capture lacks is not covered.
    """
    numbers = {
        tap: {record.source: number for number, record in enumerate(records, 1)}
        for tap, records in kept.items()
    }
    covered = {tap: _recorded_span(taps[tap], kept[tap]) for tap in numbers} if taps else {}
    rows = []
    for (tap, index), (fate, other) in sorted(fates.items()):
        if index not in numbers[tap]:
            continue
        place = None
        if other is not None:
            place = numbers[other[0]].get(other[1])
            if place is None:
                fate = "not-covered"
        _, _, name, record = taps[tap].frames[index]
        first, last = covered[SERVER if tap == CLIENT else CLIENT]
        is_outside = not first <= record.time <= last
        row = {"tap": tap, "frame": numbers[tap][index], "fate": fate, "other": place}
        # Of what was lost while the other tap was not there, nobody can tell.
        rows.append({**row, "name": name, "outside": is_outside})
    return rows


def _recorded_span(tap, kept):
    """The times of the first and the last kept frame by the recording's one clock."""
    times = [tap.frames[record.source] for record in kept]
    times = [entry[3].time for entry in times if entry is not None]
    return min(times), max(times)
