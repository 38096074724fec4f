"""What the program under test has printed, as histories of endpoints."""

import collections
import dataclasses
import json

# Ends that no packet shows: a tracker may say them or not.
QUIET_ENDS = ("TIME_WAIT", "FIN_WAIT2", "SYN_SENT", "SYN_RECV")


@dataclasses.dataclass
class Prediction:
    time: int
    origin: str
    target: str
    bracket: tuple | None = None

    @property
    def step(self):
        return (self.origin, self.target)

    @property
    def begins_life(self):
        return self.origin in ("CLOSED", "LISTEN") and self.target in ("SYN_SENT", "SYN_RECV")


def read(path, names):
    """{(local, remote): [Prediction]} in the order of time; the command's JSON lines."""
    found = collections.defaultdict(list)
    with open(path) as lines:
        for line in lines:
            entry = json.loads(line)
            client, server = names.parse(entry["client"]), names.parse(entry["server"])
            key = (client, server) if entry["endpoint"] == "client" else (server, client)
            bracket = None
            if "not_before" in entry or "not_after" in entry:
                bracket = (_time(entry.get("not_before")), _time(entry.get("not_after")))
            origin, target = _state(entry.get("from")), _state(entry["to"])
            found[key].append(Prediction(_time(entry["ts"]), origin, target, bracket))
    for steps in found.values():
        steps.sort(key=lambda step: step.time)
    return found


def _state(name):
    """The kernel's log says CLOSED where netstat says CLOSE."""
    return {None: "UNKNOWN", "CLOSE": "CLOSED"}.get(name, name)


def _time(value):
    """Nanoseconds; a fraction is taken for seconds."""
    if value is None or isinstance(value, int):
        return value
    return int(value * 1e9)


def lives(steps, start, end, is_late):
    """The steps up to `end` as lives; of a late capture, those that go on after `start`.

    tcpdump opens a little before the capture's nominal start: what a late capture shows
    before it is taken for a state picked up at the start, unless it may have happened
    after the start by its own bracket.
    """
    found = []
    for step in steps:
        if step.time > end:
            continue
        if not found or step.begins_life:
            found.append([])
        found[-1].append(step)
    if not is_late:
        return found
    kept = [life for life in found if life[-1].time >= start]
    return [[_picked_up(step, start) for step in life] for life in kept]


def _picked_up(step, start):
    if step.time >= start:
        return step
    latest = step.bracket and step.bracket[1]
    origin = step.origin if latest is not None and latest >= start else "UNKNOWN"
    return Prediction(start, origin, step.target, step.bracket)


def without_quiet_end(predicted, kernel, visible):
    """The predicted steps without a last one that no packet can show.

    A tracker may say that a timer has ended a connection, whether or not the kernel's
    has by now; neither counts.
    """
    steps = list(predicted)
    kernel_ends_quietly = len(visible) < len(kernel)
    kernel_goes_on = bool(kernel) and kernel[-1][1] != "CLOSED"
    if not steps or not (kernel_ends_quietly or kernel_goes_on):
        return steps
    origin, target = steps[-1]
    quiet = [*QUIET_ENDS, kernel[-1][0] if kernel else None]
    if kernel_ends_quietly and visible:
        quiet.append(visible[-1][1])
    if target == "CLOSED" and origin in quiet and (not visible or visible[-1] != steps[-1]):
        steps.pop()
    return steps


def common(one, other):
    """Index pairs of a longest common subsequence."""
    longest = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            if one[i] == other[j]:
                longest[i][j] = longest[i + 1][j + 1] + 1
            else:
                longest[i][j] = max(longest[i + 1][j], longest[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
