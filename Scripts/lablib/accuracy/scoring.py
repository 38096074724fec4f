"""How well predicted transitions agree with the kernel's, for one capture of a recording.

Definitions:

visible-sequence  share of endpoint lives whose whole sequence of transitions is the
                  kernel's, after leaving out what leaves no packet
precision, recall of single transitions, by longest common subsequence
false lives       connections that the kernel never had
state agreement   share of the table samples at which the predicted state is the kernel's,
                  each state counted alike; near: the endpoint at the tap, far: the other
time error        |predicted - kernel's| time, of transitions known exactly
bracket           share of these whose kernel time is within [not_before, not_after]
"""

import bisect
import collections
import dataclasses
import ipaddress
import json

from ..truth.history import KernelHistory
from ..truth.lives import INVISIBLE_CAUSES, MILLISECOND

SAME_LIFE = 1500 * MILLISECOND
BRACKET_SLACK = MILLISECOND
GUARD = 2 * MILLISECOND
EXACT_ENOUGH = 20 * MILLISECOND
LATE = 1000 * MILLISECOND
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


@dataclasses.dataclass
class Mismatch:
    """A life whose visible sequence is not the kernel's."""

    side: str
    key: tuple
    kernel: list
    predicted: list


class Score:
    """Counts and errors; scores of several captures can be added up."""

    def __init__(self):
        self.counts = collections.Counter()
        self.errors = collections.defaultdict(list)
        self.mismatches = []

    def add(self, other):
        self.counts.update(other.counts)
        for name, values in other.errors.items():
            self.errors[name].extend(values)
        self.mismatches.extend(other.mismatches)

    def share(self, part, whole):
        """A share in percent, or None of nothing."""
        return 100 * self.counts[part] / self.counts[whole] if self.counts[whole] else None

    @property
    def visible_sequence(self):
        return self.share("visible sequences right", "lives")

    @property
    def precision(self):
        return self.share("visible matches", "visible predictions")

    @property
    def recall(self):
        return self.share("visible matches", "visible transitions")

    def state_agreement(self, distance):
        """The mean over the states of the share of samples agreed on; near or far."""
        shares = []
        for name, total in self.counts.items():
            if name[0] == "samples" and name[1] == distance and total:
                shares.append(self.counts[("agreed", *name[1:])] / total)
        return 100 * sum(shares) / len(shares) if shares else None

    def percentile(self, name, share):
        values = sorted(self.errors[name])
        return values[min(len(values) - 1, int(share * len(values)))] if values else None


def read_predictions(path, names):
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
            prediction = Prediction(
                _time(entry["ts"]), entry.get("from") or "UNKNOWN", entry["to"], bracket
            )
            found[key].append(prediction)
    for predictions in found.values():
        predictions.sort(key=lambda prediction: prediction.time)
    return found


def score(base, predictions_path, vantage):
    """Scores one capture; `vantage` is client, server or mid."""
    history = KernelHistory(base)
    scorer = _Scorer(history, vantage)
    scorer.compare(read_predictions(predictions_path, history.names))
    return scorer.result


class _Scorer:
    def __init__(self, history, vantage):
        self.history, self.vantage = history, vantage
        self.result = Score()
        self.counts, self.errors = self.result.counts, self.result.errors
        meta = history.meta
        taps_bridge = vantage == "mid" and meta["topology"] in ("bridge", "ufwd")
        always_on = taps_bridge and meta["topology"] == "ufwd"
        self.start = meta["recording_start"] if always_on else meta["capture_start"]
        self.end = meta["end"]
        self.is_late = self.start > meta["recording_start"] + LATE
        self.raw = {
            str(ipaddress.ip_address(address))
            for name, address in meta["addresses"].items()
            if name.startswith("x")
        }
        self.lives = collections.defaultdict(list)
        for life in history.lives:
            self.lives[life.key].append(life)

    def compare(self, predictions):
        for key in set(self.lives) | set(predictions):
            if key[0][0] in self.raw:
                continue  # a hand-made peer has no kernel that could be asked
            own = predictions.get(key, [])
            if self.is_late:
                own = [self._clip(prediction) for prediction in own]
            self._compare_lives(key, own)
            if self.history.changes.get(key):
                self._compare_samples(key, own)

    def _distance(self, side):
        return "near" if side == self.vantage else "far"

    def _clip(self, prediction):
        """tcpdump opens a little before the capture's nominal start."""
        if prediction.time >= self.start:
            return prediction
        return Prediction(self.start, "UNKNOWN", prediction.target)

    # Sequences

    def _compare_lives(self, key, predictions):
        predicted = _split_lives([p for p in predictions if p.time <= self.end + 1])
        real = [
            life
            for life in self.lives.get(key, [])
            if (life.transitions[-1].hi >= self.start or life.transitions[-1].target != "CLOSED")
            and life.transitions[0].lo < self.end
        ]
        used = set()
        for life in real:
            index = self._matching(life, predicted, used, is_only=len(real) == 1)
            used.add(index)
            self._compare_life(life, [] if index is None else predicted[index])
        for index, steps in enumerate(predicted):
            if index not in used and any(step.time <= self.end for step in steps):
                known = [step for step in steps if step.origin != "UNKNOWN"]
                false = Mismatch("no such life:", key, [], [step.step for step in steps])
                self.result.mismatches.append(false)
                self.counts["false lives"] += 1
                self.counts["predictions"] += len(known)
                self.counts["visible predictions"] += len(known)

    def _matching(self, life, predicted, used, is_only):
        first = life.transitions[0]
        start = max((first.lo + first.hi) // 2, self.start)
        candidates = [
            (abs(steps[0].time - start), index)
            for index, steps in enumerate(predicted)
            if index not in used
        ]
        if not candidates:
            return None
        distance, index = min(candidates)
        is_one_to_one = is_only and len(predicted) == 1
        return index if distance < SAME_LIFE or is_one_to_one else None

    def _compare_life(self, life, steps):
        real = [
            transition
            for transition in life.transitions
            if transition.hi >= self.start and transition.lo <= self.end
        ]
        known = [step for step in steps if step.origin != "UNKNOWN"]
        if not real and not steps:
            return
        kernel = [(transition.origin, transition.target) for transition in real]
        predicted = [step.step for step in known]
        visible = [
            (transition.origin, transition.target)
            for transition in real
            if transition.cause not in INVISIBLE_CAUSES
        ]
        visible_predicted = _without_quiet_end(predicted, kernel, visible)
        matches = _common(kernel, predicted)
        self.counts["lives"] += 1
        self.counts["sequences right"] += kernel == predicted
        self.counts["visible sequences right"] += visible == visible_predicted
        self.counts["transitions"] += len(kernel)
        self.counts["predictions"] += len(predicted)
        self.counts["matches"] += len(matches)
        self.counts["visible transitions"] += len(visible)
        self.counts["visible predictions"] += len(visible_predicted)
        self.counts["visible matches"] += len(_common(visible, visible_predicted))
        for real_index, index in matches:
            self._compare_time(life.side, real[real_index], known[index])
        if visible != visible_predicted:
            self.result.mismatches.append(Mismatch(life.side, life.key, kernel, predicted))

    def _compare_time(self, side, transition, step):
        error = max(transition.lo - step.time, step.time - transition.hi, 0)
        if transition.source != "trace" or transition.cause == "silent":
            self.errors["time within limits"].append(error)
            return
        distance = self._distance(side)
        self.errors[f"time {distance}"].append(error)
        if step.bracket is None:
            return
        not_before, not_after = step.bracket
        begins = not_before is None or not_before - BRACKET_SLACK <= transition.hi
        ends = not_after is None or transition.lo <= not_after + BRACKET_SLACK
        self.counts[f"brackets {distance}"] += 1
        self.counts[f"brackets right {distance}"] += begins and ends
        if not_before is not None and not_after is not None:
            self.errors[f"bracket width {distance}"].append(not_after - not_before)

    # Samples

    def _compare_samples(self, key, predictions):
        lives, changes = self.lives.get(key, []), self.history.changes[key]
        side = lives[0].side if lives else self.history.side_of(key)
        looks = [(start + end) // 2 for start, end in self.history.looks[side]]
        times = [prediction.time for prediction in predictions]
        steps = [step for life in lives for step in life.transitions]
        unsure = [
            (step.lo - GUARD, step.hi + GUARD) for step in steps if step.hi - step.lo < EXACT_ENOUGH
        ]
        was_before = any(life.transitions[0].lo < self.start for life in lives)
        for index, change in enumerate(changes):
            following = changes[index + 1] if index + 1 < len(changes) else None
            lo = max(change.end, self.start)
            hi = min(following.before if following else self.end, self.end)
            if hi <= lo:
                continue
            guards = [(change.start - GUARD, change.end + GUARD), *unsure]
            if following:
                guards.append((following.before - GUARD, following.end + GUARD))
            for first, last in _sure_ranges(looks, lo, hi, guards):
                self._compare_range(
                    change.state, side, looks, first, last, times, predictions, was_before
                )

    def _compare_range(self, state, side, looks, first, last, times, predictions, was_before):
        """Looks `first` to `last` show `state`; walks through what was predicted meanwhile."""
        position = first
        while position < last:
            index = bisect.bisect_right(times, looks[position])
            predicted = predictions[index - 1].target if index else None
            until = last
            if index < len(times):
                until = min(last, bisect.bisect_left(looks, times[index]))
            until = max(until, position + 1)
            self._count_samples(state, predicted, side, until - position, was_before)
            position = until

    def _count_samples(self, state, predicted, side, count, was_before):
        if predicted is None and self.is_late and state != "SYN_SENT" and was_before:
            return  # idle since before the capture: there is nothing to see
        if state == "-":
            self.counts["absent samples"] += count
            if predicted in (None, "CLOSED", "LISTEN"):
                self.counts["absent samples agreed"] += count
            return
        distance = self._distance(side)
        self.counts[("samples", distance, state)] += count
        if predicted == state:
            self.counts[("agreed", distance, state)] += count


def _time(value):
    """Nanoseconds; a fraction is taken for seconds."""
    if value is None or isinstance(value, int):
        return value
    return int(value * 1e9)


def _split_lives(predictions):
    lives = []
    for step in predictions:
        is_new = step.origin in ("CLOSED", "LISTEN") and step.target in ("SYN_SENT", "SYN_RECV")
        if not lives or is_new:
            lives.append([])
        lives[-1].append(step)
    return lives


def _without_quiet_end(predicted, kernel, visible):
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
    quiet = (*QUIET_ENDS, kernel[-1][0] if kernel else None)
    if target == "CLOSED" and origin in quiet and (not visible or visible[-1] != steps[-1]):
        steps.pop()
    return steps


def _common(one, other):
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


def _sure_ranges(looks, lo, hi, guards):
    """Ranges of looks within [lo, hi] that lie outside all `guards`."""
    ranges = [(bisect.bisect_left(looks, lo), bisect.bisect_right(looks, hi))]
    for guard_lo, guard_hi in guards:
        first, last = bisect.bisect_left(looks, guard_lo), bisect.bisect_right(looks, guard_hi)
        kept = []
        for begin, end in ranges:
            if last <= begin or first >= end:
                kept.append((begin, end))
                continue
            if begin < first:
                kept.append((begin, first))
            if last < end:
                kept.append((last, end))
        ranges = kept
    return ranges
