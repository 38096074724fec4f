"""How well predicted transitions agree with the kernel's, for one capture of a recording.

Definitions:

visible-sequence  share of endpoint lives whose whole sequence of transitions is the
                  kernel's, after leaving out what leaves no packet
knowable          the same share of those lives that the packets at this tap tell (see
                  knowable.py)
precision, recall of single transitions, by longest common subsequence
false lives       connections that the kernel never had
state agreement   share of the table samples at which the predicted state is the kernel's,
                  each state counted alike; near: the endpoint at the tap, far: the other.
                With a tap at both, near is the client's host and far the server's
absent            share of the samples without a socket at which none is predicted
time error        |predicted - kernel's| time, of transitions known exactly
bracket           share of these whose kernel time is within [not_before, not_after]
"""

import collections
import dataclasses
import ipaddress

from ..truth.lives import INVISIBLE_CAUSES, MILLISECOND
from . import predictions
from .knowable import Knowable, KnowableAtBoth
from .samples import SampleComparison
from .score import Mismatch, Score

SAME_LIFE = 1500 * MILLISECOND
BRACKET_SLACK = MILLISECOND
LATE = 1000 * MILLISECOND
IN_FLIGHT = 100 * MILLISECOND

PLACES = {"client": "client", "server": "server", "mid": "middle", "both": "both"}


class Comparison:
    """One capture's predictions beside the kernel's history.

    `vantage` is client, server, mid or both; `start` is given for a capture that was cut.
    """

    def __init__(self, history, vantage, start=None):
        self.history, self.place = history, PLACES[vantage]
        self.result = Score()
        self.counts, self.errors = self.result.counts, self.result.errors
        meta = history.meta
        always_on = vantage == "mid" and meta["topology"] == "ufwd"
        self.start = meta["recording_start"] if always_on else meta["capture_start"]
        if start is not None:
            self.start = start
        self.end = meta["end"]
        self.is_late = self.start > meta["recording_start"] + LATE
        how = (self.start, self.is_late, start is not None)
        self.knowable = (
            KnowableAtBoth(history, *how) if vantage == "both" else Knowable(history, vantage, *how)
        )
        self.raw = {
            str(ipaddress.ip_address(address))
            for name, address in meta["addresses"].items()
            if name.startswith("x")
        }
        self.lives = collections.defaultdict(list)
        for life in history.lives:
            self.lives[life.key].append(life)

    def compare(self, predicted):
        """Scores {(local, remote): [Prediction]}."""
        for key in set(self.lives) | set(predicted):
            if key[0][0] in self.raw or not self._passes_tap(key):
                continue  # a hand-made peer has no kernel that could be asked
            steps = predicted.get(key, [])
            self._compare_lives(
                key, predictions.lives(steps, self.start, self.end + 1, self.is_late)
            )
            if self.history.changes.get(key):
                place = self._distance(self.history.side_of(key))
                samples = SampleComparison(
                    self.counts, self.history, place, self.start, self.end, self.is_late
                )
                samples.compare(key, self.lives.get(key, []), steps)
        return self.result

    def _passes_tap(self, key):
        """Not so what a host says to itself, nor the other connection of a proxy."""
        sides = [self.history.names.side_of(address) for address, _ in key]
        if None in sides:
            return not any(ipaddress.ip_address(address).is_loopback for address, _ in key)
        return sides[0] != sides[1] and (self.place in ("middle", "both") or self.place in sides)

    def _distance(self, side):
        return "near" if side == ("client" if self.place == "both" else self.place) else "far"

    def _compare_lives(self, key, predicted):
        real = [
            life
            for life in self.lives.get(key, [])
            if (life.transitions[-1].hi >= self.start or life.transitions[-1].target != "CLOSED")
            and life.transitions[0].lo < self.end
        ]
        chosen = self._matching(real, predicted)
        used = set(chosen.values())
        for number, life in enumerate(real):
            self._compare_life(life, predicted[chosen[number]] if number in chosen else [])
        for index, steps in enumerate(predicted):
            if index in used or all(step.step == ("UNKNOWN", "CLOSED") for step in steps):
                continue
            known = [step.step for step in steps if step.origin != "UNKNOWN"]
            self.result.mismatches.append(Mismatch("no such life:", key, [], known))
            self.counts["false lives"] += 1
            self.counts["visible predictions"] += len(known)

    def _matching(self, real, predicted):
        """{number of a life: index of what was predicted of it}, nearest starts first."""
        if len(real) == len(predicted) == 1:
            return {0: 0}
        pairs = []
        for number, life in enumerate(real):
            first = life.transitions[0]
            start = max((first.lo + first.hi) // 2, self.start)
            for index, steps in enumerate(predicted):
                if abs(steps[0].time - start) < SAME_LIFE:
                    pairs.append((abs(steps[0].time - start), number, index))
        chosen = {}
        for _, number, index in sorted(pairs):
            if number not in chosen and index not in chosen.values():
                chosen[number] = index
        return chosen

    def _compare_life(self, life, steps):
        real = [
            transition
            for transition in life.transitions
            if transition.hi >= self.start and transition.lo <= self.end
        ]
        if self.is_late:
            real = self.knowable.after_the_start(life, real)
            steps = self._picked_up_at_first_step(life, real, steps)
            steps = self._without_step_of_before(life, real, steps)
        elif not self.knowable.shows_copy(life, "SYN_RECV"):
            steps = self._picked_up_at_first_step(life, real, steps)
        known = [step for step in steps if step.origin != "UNKNOWN"]
        if not real and not steps:
            return
        kernel = [(transition.origin, transition.target) for transition in real]
        predicted = [step.step for step in known]
        visible = _visible(real)
        visible_predicted = predictions.without_quiet_end(predicted, kernel, visible)
        is_right = visible == visible_predicted
        unknowable = self.knowable.reason_against(life)
        self.counts["lives"] += 1
        self.counts["visible sequences right"] += is_right
        if unknowable is None:
            self.counts["knowable lives"] += 1
            self.counts["knowable lives right"] += is_right
        else:
            self.counts[("unknowable", unknowable)] += 1
        self.counts["visible transitions"] += len(visible)
        self.counts["visible predictions"] += len(visible_predicted)
        self.counts["visible matches"] += len(predictions.common(visible, visible_predicted))
        for real_index, index in predictions.common(kernel, predicted):
            self._compare_time(life.side, real[real_index], known[index])
        if not is_right:
            mismatch = Mismatch(life.side, life.key, kernel, predicted, unknowable)
            self.result.mismatches.append(mismatch)

    def _picked_up_at_first_step(self, life, real, steps):
        """Where the first captured segment is also the one that changes the state, a tracker
        cannot know the state before: its "UNKNOWN > CLOSED" is the kernel's "X > CLOSED". So
        where a SYN/ACK is captured and no SYN."""
        unknown = [step for step in steps if step.origin == "UNKNOWN"]
        if not unknown or not real:
            return steps
        if self.is_late and life.transitions[0].hi >= self.start:
            return steps
        if unknown[-1].target != real[0].target:
            return steps
        known = [step for step in steps if step.origin != "UNKNOWN"]
        return [dataclasses.replace(unknown[-1], origin=real[0].origin), *known]

    def _without_step_of_before(self, life, real, steps):
        """Segments that were on their way when the capture began, or whose copies came after
        that, show steps of before it: right, but not to be asked for."""
        before = [step.target for step in life.transitions if step not in real]
        known = [step for step in steps if step.origin != "UNKNOWN"]
        for count in range(min(len(before), len(known)), 0, -1):
            shown = known[:count]
            if [step.target for step in shown] != before[-count:]:
                continue
            is_soon = shown[-1].time <= self.start + IN_FLIGHT
            if is_soon or self.knowable.shows_copy(life, shown[0].target):
                return known[count:]
        return steps

    def _compare_time(self, side, transition, step):
        error = max(transition.lo - step.time, step.time - transition.hi, 0)
        if transition.source != "trace" or transition.cause == "silent":
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


def _visible(transitions):
    """The steps that leave a packet, each from where the one before it led."""
    found, origin = [], None
    for transition in transitions:
        origin = origin or transition.origin
        if transition.cause not in INVISIBLE_CAUSES:
            found.append((origin, transition.target))
            origin = None
    return found
