"""The predicted state beside the socket table's, look by look."""

import bisect

from ..truth.lives import MILLISECOND

GUARD = 2 * MILLISECOND
EXACT_ENOUGH = 20 * MILLISECOND


class SampleComparison:
    """Counts, for one connection's end, at how many looks the predicted state is the table's."""

    def __init__(self, counts, history, distance, start, end, is_late):
        self.counts, self.history, self.distance = counts, history, distance
        self.start, self.end, self.is_late = start, end, is_late

    def compare(self, key, lives, predictions):
        changes = self.history.changes[key]
        side = self.history.side_of(key)
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
                    change.state, looks, first, last, times, predictions, was_before
                )

    def _compare_range(self, state, looks, first, last, times, predictions, was_before):
        """Looks `first` to `last` show `state`; walks through what was predicted meanwhile."""
        position = first
        while position < last:
            index = bisect.bisect_right(times, looks[position])
            predicted = predictions[index - 1].target if index else None
            until = last
            if index < len(times):
                until = min(last, bisect.bisect_left(looks, times[index]))
            until = max(until, position + 1)
            self._count(state, predicted, until - position, was_before)
            position = until

    def _count(self, state, predicted, count, was_before):
        if predicted is None and self.is_late and state != "SYN_SENT" and was_before:
            return  # idle since before the capture: there is nothing to see
        if state == "-":
            self.counts["absent samples"] += count
            if predicted in (None, "CLOSED", "LISTEN"):
                self.counts["absent samples agreed"] += count
            return
        self.counts[("samples", self.distance, state)] += count
        if predicted == state:
            self.counts[("agreed", self.distance, state)] += count


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
