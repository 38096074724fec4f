"""Which endpoint lives the packets at a tap cannot tell, by rules that look at no prediction.

NO_PACKET       no segment of that end passed the tap
BEYOND_THE_TAP  after the last segment of that end that passed the tap, segments went by that
                it never got, or it got or sent segments that never passed: nothing at
                the tap tells what happened to it from then on
FIN_BEFORE      the capture began after one end had sent its FIN, and no copy came later:
                what follows looks like an open connection
FIN_UNSEEN      a FIN of that end died before the tap with all its copies, and nothing that
                passed has a number beyond it
SYN_UNSEEN      its SYN died before the tap with all its copies: what it sends then looks
                like a listener's answer, or like the middle of a connection
SYNACK_UNSEEN   its SYN,ACK in a simultaneous open died before the tap with all its copies: nothing
                tells whether the peer's SYN came, or only its SYN,ACK
RST_UNSEEN      the RST that ended it never passed the tap, or was not captured
CROSSED         the end sent a FIN or a RST before an acknowledgment came that the tap saw
                first: whether its state had changed in between leaves no trace, unless a
                bare RST answers that acknowledgment
FIRST_FIN_LOST  the first copy of the end's FIN died before the tap, and all that passed from there
                on acknowledges the peer's FIN, what passed before does not: a later copy does so
                whichever of both FINs was first
OVERTAKEN       between tap and end, the peer's FIN and the first acknowledgment of this end's
                FIN overtook one another: either order of arrival leaves the same packets
FIN_QUEUED      the end's FIN stayed in its queue, behind data, until the peer's FIN had come:
                an end that closed only then sends the same
LOST_ANSWER     without time stamps: of two copies of the peer's FIN the first one was lost
                behind the tap, or the answer to it before the tap
FIN_WITH_DATA   of a capture of that end's direction alone, the peer's FIN was acknowledged
                together with data: no acknowledgment of one number more tells of it

The captures at the end's own host and at the tap are compared segment by segment.
"""

import itertools

from ..packets import ACK, FIN, RST, SYN
from ..truth.history import TAPS
from ..truth.lives import MILLISECOND

NO_PACKET = "no packet of that end"
BEYOND_THE_TAP = "lost between tap and end"
FIN_BEFORE = "FIN before the capture"
FIN_UNSEEN = "FIN never passed the tap"
SYN_UNSEEN = "SYN never passed the tap"
SYNACK_UNSEEN = "SYN,ACK never passed the tap"
RST_UNSEEN = "RST never passed the tap"
CROSSED = "crossed an acknowledgment"
FIRST_FIN_LOST = "first copy of its FIN died before the tap"
OVERTAKEN = "FIN and acknowledgment overtook one another"
FIN_QUEUED = "FIN queued until the peer's had come"
LOST_ANSWER = "a FIN or the answer to it was lost"
FIN_WITH_DATA = "one direction, FIN acknowledged with data"

SLACK = 50 * MILLISECOND
DEPARTURE = MILLISECOND
FIN_STATES = ("FIN_WAIT1", "LAST_ACK", "CLOSING")


class Knowable:
    """Answers for one tap of one recording; a capture that was cut is told as one."""

    def __init__(self, history, vantage, start, is_late, is_cut=False):
        self._history = history
        self._start, self._is_late = start, is_late
        self._place = next(place for place, tap in TAPS.items() if tap == vantage)
        self._has_offloads = history.meta["topology"] not in ("bridge", "ufwd")
        self._tap = history.tap_at(self._place)
        if is_cut:
            self._tap = self._tap.since(start)
        self._lives = {}
        for life in history.lives:
            self._lives.setdefault(life.key, []).append(life)

    def reason_against(self, life):
        """Why no packet at the tap tells this life, or None."""
        begin, end = self._span(life)
        own = self._tap.sent(life.key, begin, end)
        if not own:
            return NO_PACKET
        if self._is_late and self._has_hidden_fin(life, begin, end):
            return FIN_BEFORE
        if self._syn_is_unseen(life, own):
            return SYN_UNSEEN
        if self._answer_is_unseen(life, own):
            return SYNACK_UNSEEN
        at_home = self._history.tap_at(life.side)
        if self._fin_is_unseen(life, own, at_home, begin, end):
            return FIN_UNSEEN
        arrived = self._tap.received(life.key, begin, end)
        if life.transitions[-1].cause == "rst-in" and not any(one.flags & RST for one in arrived):
            return RST_UNSEEN
        if not arrived and self._acknowledges_fin_with_data(life, own):
            return FIN_WITH_DATA
        if at_home is not None and self._fin_was_queued(life, at_home, begin, end):
            return FIN_QUEUED
        if life.side == self._place or at_home is None:
            return None
        if self._goes_on_unseen(life, at_home, begin, end):
            return BEYOND_THE_TAP
        if self._crosses_an_acknowledgment(life.key, at_home, begin, end):
            return CROSSED
        if self._is_overtaken(life.key, at_home, begin, end):
            return OVERTAKEN
        if self._first_fin_is_lost(own, at_home.sent(life.key, begin, end), arrived):
            return FIRST_FIN_LOST
        if self._answer_or_fin_is_lost(own, arrived):
            return LOST_ANSWER
        return None

    def shows_copy(self, life, target):
        """Whether the segment that makes a life enter `target`, perhaps not its first copy, was
        captured."""
        begin, end = self._span(life)
        sent, received = (
            self._tap.sent(life.key, begin, end),
            self._tap.received(life.key, begin, end),
        )
        if target in FIN_STATES:
            return any(one.flags & FIN for one in sent)
        if target == "CLOSE_WAIT":
            return any(one.flags & FIN for one in received)
        if target == "ESTABLISHED":
            return any(one.flags & SYN for one in [*sent, *received])
        return any(one.flags & (SYN | ACK) == SYN for one in [*sent, *received])

    def after_the_start(self, life, transitions):
        """Without those that a segment caused which had passed the tap before the capture."""
        begin, end = self._span(life)
        at_home = self._history.tap_at(life.side)
        if at_home is None:
            return transitions
        return [
            transition
            for transition in transitions
            if not self._was_caused_before(life, transition, at_home, begin, end)
        ]

    def _was_caused_before(self, life, transition, at_home, begin, end):
        moment = transition.hi
        if transition.target == "SYN_RECV" and transition.lo < self._start:
            return not self.shows_copy(life, "SYN_RECV")
        if moment > self._start + 4 * SLACK:
            return False
        departing = self._signatures(
            one
            for one in at_home.sent(life.key, moment - DEPARTURE, moment + DEPARTURE)
            if one.flags & (SYN | FIN | RST)
        )
        if departing:
            shown = self._tap.sent(life.key, max(begin, self._start), end)
            return not departing & self._signatures(shown)
        seen = [
            *self._tap.sent(life.key, begin, moment + 4 * SLACK),
            *self._tap.received(life.key, begin, moment + 4 * SLACK),
        ]
        if not any(one.time >= self._start - SLACK for one in seen):
            return True
        if life.side == self._place:
            return False
        if not at_home.received(life.key, begin, end):
            # Captures of one direction never show the cause.
            return False
        arrived = at_home.received(life.key, begin, moment + 1)
        if not arrived:
            return True
        cause = self._signature(arrived[-1], False)
        passed = self._tap.received(life.key, begin, end)
        return cause is not None and cause not in {self._signature(one, False) for one in passed}

    def _span(self, life):
        """From a little before the life to the next one on its tuple."""
        lives = self._lives[life.key]
        position = lives.index(life)
        begin, end = 0, self._history.meta["end"] + 1000 * MILLISECOND
        if position > 0:
            begin = life.transitions[0].lo - SLACK
        if position + 1 < len(lives):
            end = lives[position + 1].transitions[0].lo - MILLISECOND
        return begin, end

    def _has_hidden_fin(self, life, begin, end):
        key = life.key
        peers = self._lives.get((key[1], key[0]), [])
        for sender, lives in ((key, [life]), ((key[1], key[0]), peers)):
            sent = [
                step.lo
                for one in lives
                for step in one.transitions
                if step.target in FIN_STATES and begin <= step.lo < end
            ]
            shown = self._tap.sent(sender, begin, end)
            if sent and min(sent) < self._start and not any(one.flags & FIN for one in shown):
                return True
        return False

    def _fin_is_unseen(self, life, own, at_home, begin, end):
        has_sent = any(
            step.target in FIN_STATES and step.hi >= self._start and step.cause != "silent"
            for step in life.transitions
        )
        if not has_sent or any(one.flags & FIN for one in own):
            return False
        left = at_home.sent(life.key, begin, end) if at_home is not None else []
        fins = {one.end for one in left if one.flags & FIN}
        return not any(one.sequence in fins for one in own)

    def _syn_is_unseen(self, life, own):
        opened = life.transitions[0]
        if (opened.origin, opened.target) != ("CLOSED", "SYN_SENT") or opened.hi < self._start:
            return False
        return not any(one.flags & (SYN | ACK) == SYN for one in own)

    def _answer_is_unseen(self, life, own):
        answers = any(
            (step.origin, step.target) == ("SYN_SENT", "SYN_RECV") and step.hi >= self._start
            for step in life.transitions
        )
        return answers and not any(one.flags & (SYN | ACK) == SYN | ACK for one in own)

    def _acknowledges_fin_with_data(self, life, own):
        if not any(
            step.target in ("CLOSE_WAIT", "CLOSING", "TIME_WAIT") for step in life.transitions
        ):
            return False
        numbers = [one.acknowledgment for one in own if one.flags & (ACK | RST) == ACK]
        steps = [
            (later - earlier) & 0xFFFFFFFF
            for earlier, later in itertools.pairwise(numbers)
            if later != earlier
        ]
        return not steps or steps[-1] != 1

    def _fin_was_queued(self, life, at_home, begin, end):
        if not any(step.target == "CLOSING" for step in life.transitions):
            return False
        left = [one.time for one in at_home.sent(life.key, begin, end) if one.flags & FIN]
        came = [one.time for one in at_home.received(life.key, begin, end) if one.flags & FIN]
        return bool(left and came) and came[0] < left[0]

    def _answer_or_fin_is_lost(self, own, arrived):
        fins = [one for one in arrived if one.flags & FIN]
        if len(fins) < 2 or any(one.has_options for one in fins):
            return False
        first, last = fins[0].time, fins[-1].time
        closed = {one.end for one in own if one.flags & FIN}
        is_acknowledged = any(
            first < one.time < last and one.acknowledgment in closed for one in arrived
        )
        is_answered = any(
            first < one.time < last and one.acknowledgment == fins[0].end for one in own
        )
        return is_acknowledged and not is_answered

    def _first_fin_is_lost(self, own, left, arrived):
        """Whether neither order of the two FINs is told by what passed."""
        passed = [one.time for one in own if one.flags & FIN]
        copies = [one for one in left if one.flags & FIN]
        peers = {one.end for one in arrived if one.flags & FIN}
        if len(copies) < 2 or not passed or not peers or passed[0] < copies[1].time:
            return False
        if copies[0].time < self._start:
            return False
        number = copies[0].end
        sent, answering = set(), set()
        for one in own:
            if one.flags & RST:
                continue
            behind = one.flags & FIN or one.sequence == number
            (sent if behind else answering).add(one.acknowledgment in peers)
        return sent == {True} and True not in answering

    def _is_overtaken(self, key, at_home, begin, end):
        def moments(tap):
            """When the peer's FIN came, and the first acknowledgment of this end's."""
            sent, came = tap.sent(key, begin, end), tap.received(key, begin, end)
            own = {one.end for one in sent if one.flags & FIN}
            fins = [one.time for one in came if one.flags & FIN]
            answers = [
                one.time
                for one in came
                if one.acknowledgment in own and not one.flags & (FIN | RST)
            ]
            return fins, answers

        (seen_fins, seen), (fins, came) = moments(self._tap), moments(at_home)
        if not (seen_fins and seen and fins and came):
            return False
        if seen_fins[-1] < seen[0] or (seen_fins[0] < seen[0] and len(seen_fins) == len(fins)):
            return came[0] < fins[0]
        return seen[0] < seen_fins[0] and fins[0] < came[0]

    def _crosses_an_acknowledgment(self, key, at_home, begin, end):
        left, arrived = at_home.sent(key, begin, end), at_home.received(key, begin, end)
        passed_on = self._first_times(self._tap.received(key, begin, end))
        back_at_tap = self._tap.sent(key, begin, end)
        passed_back = self._first_times(back_at_tap)
        refused = {one.sequence for one in back_at_tap if one.flags & (RST | ACK) == RST}
        counted = {one.end: one.time for one in reversed(left) if one.flags & (SYN | FIN)}
        firsts = {}
        for one in arrived:
            is_first = one.acknowledgment in counted and one.acknowledgment not in firsts
            if is_first and not one.flags & (FIN | RST):
                firsts[one.acknowledgment] = one
        for answer in firsts.values():
            seen = passed_on.get(self._signature(answer))
            if seen is None or answer.acknowledgment in refused:
                continue
            for sent in left:
                is_answered = sent.flags & FIN and sent.end == answer.acknowledgment
                if not sent.flags & (FIN | RST) or is_answered:
                    continue
                back = passed_back.get(self._signature(sent))
                if back is not None and seen < back and sent.time < answer.time:
                    return True
        return False

    def _first_times(self, segments):
        return {self._signature(one): one.time for one in reversed(segments)}

    def _goes_on_unseen(self, life, at_home, begin, end):
        """Whether tap and end see different things after the end's last segment at the tap.

        The RST that a host sends for a socket that is no more tells nothing of its life.
        """
        key = life.key
        own = at_home.sent(key, begin, end)
        passed = self._tap.sent(key, begin, end)
        if life.transitions[-1].cause != "rst-out":
            own, passed = ([one for one in sent if not one.flags & RST] for sent in (own, passed))
        if not passed:
            return True
        last = passed[-1]
        same = [one for one in own if self._signature(one) == self._signature(last)]
        left = [one.time for one in same if one.time <= last.time]
        if not left:
            return False  # segments were merged on the way: nothing was lost
        departure = left[-1]
        flight = last.time - departure
        if any(one.time > departure and self._signature(one) for one in own):
            return True
        in_flight = max(begin, departure - flight)
        ever_passed = self._signatures(self._tap.received(key, begin, end))
        passed = self._signatures(self._tap.received(key, in_flight, end))
        arrived = self._signatures(at_home.received(key, in_flight, end))
        arrived_after = self._signatures(at_home.received(key, departure, end))
        return bool(passed - arrived) or bool(arrived_after - ever_passed)

    def _signatures(self, segments):
        return {self._signature(segment) for segment in segments} - {None}

    def _signature(self, segment, with_data=True):
        """What makes two captured segments the same; None for those that offloads may merge."""
        control = segment.flags & (SYN | FIN | RST)
        if control:
            return (control, segment.end, segment.acknowledgment if control == RST else None)
        if segment.length and (self._has_offloads or not with_data):
            return None
        return (0, segment.sequence, segment.acknowledgment, segment.length)


class KnowableAtBoth:
    """With a tap at both hosts: of an end, what the capture at its own host tells.

    That has all that the end sent and all that reached it. An end on the router is at
    neither tap: what the tap at its peer tells of it.
    """

    def __init__(self, history, start, is_late, is_cut=False):
        self._history = history
        self._taps = {
            side: Knowable(history, side, start, is_late, is_cut) for side in ("client", "server")
        }

    def _tap_of(self, life):
        other = self._history.side_of((life.key[1], life.key[0]))
        return self._taps.get(life.side) or self._taps.get(other) or self._taps["client"]

    def reason_against(self, life):
        return self._tap_of(life).reason_against(life)

    def shows_copy(self, life, target):
        return self._tap_of(life).shows_copy(life, target)

    def after_the_start(self, life, transitions):
        return self._tap_of(life).after_the_start(life, transitions)
