"""The kernel's events and socket tables, turned into RFC 9293 transitions of each endpoint.

The kernel's log is not RFC 9293's diagram. The rules that close the gap:

1. Events without a change, of MPTCP's own socket, and of listeners are left out.
2. LISTEN -> SYN_RECV is logged for the child socket when the third segment arrives.
   The state begins at the request socket: between the peer's SYN and the first look
   at the socket table that shows SYN_RECV.
3. SYN_RECV in the tables without a child is a request socket that died: by a reset
   if within the first retransmission timeout, else after its retries.
4. CLOSING -> CLOSED in the log is CLOSING -> TIME_WAIT. FIN_WAIT2 -> CLOSED is
   TIME_WAIT, or an orphan that goes on in FIN_WAIT2 as a mini-socket, or the end:
   the next look at the table tells.
5. Mini-sockets change state without an event; the tables show it within one period.
6. A SYN that reuses the tuple of a TIME_WAIT socket ends the old life, also where
   TIME_WAIT was too short for any look at the table; so does a RST behind the FIN.
7. The first event of an active open has no port yet; where no second one follows
   (SYN_SENT until the end) the tables tell it.
8. LAST_ACK -> CLOSED whose peer never took the FIN is a timer, not an ACK.
9. A RST that the host's own rules dropped shows nowhere: a silent end. So does a FIN
   that waits behind unsent data until the end.

Each transition has `lo` and `hi`, equal where the log gives the exact time, and a
cause: packet, ack, rst-in, rst-out, reuse, and others; `silent` and `req-drop` are
those that leave no packet.
"""

import bisect
import collections
import json
import os

from ..packets import ACK, FIN, RST, SYN
from . import captured
from .lives import MILLISECOND, Life, Names, read_samples
from .log import EventLog, lives_of_another_stack
from .socket_tables import endpoint_text

FOREVER = 1 << 63

NEARBY = 2 * MILLISECOND
REQUEST_SLACK = 15 * MILLISECOND
FIRST_SYN_ACK_TIMEOUT = 900 * MILLISECOND
SHORTEST_TIME_WAIT = 55_000 * MILLISECOND
SHORTEST_FIN_TIMEOUT = 4_000 * MILLISECOND
REUSE_SLACK = 12 * MILLISECOND
LATEST_DEPARTURE = 20 * MILLISECOND

TAPS = {"client": "client", "server": "server", "middle": "mid"}


class KernelHistory:
    """All endpoint lives of a recording; `lives` is the result, oldest first."""

    def __init__(self, base):
        with open(base + ".meta.json") as stored:
            self.meta = json.load(stored)
        self._base, self._taps = base, {}
        self.names = Names(self.meta)
        self.looks, changes = read_samples(base + ".ss.jsonl", self.names)
        self.changes = {key: seen for key, seen in changes.items() if self.names.crosses(key)}
        log = EventLog(base + ".truth.jsonl", self.names, self.changes)
        self._resets_in, self._resets_out = log.resets_in, log.resets_out
        self._lives = log.lives
        self._active_opens = {
            key: [life.first_event for life in lives if life.role == "active"]
            for key, lives in self._lives.items()
        }
        self._add_requests()
        for key in list(self._lives):
            for position in range(len(self._lives[key])):
                self._describe(key, position)
        self._lives = {
            key: [life for life in lives if life.transitions]
            for key, lives in self._lives.items()
            if self.names.crosses(key)
        }
        self._find_unacknowledged_last_fins()
        self._find_resets_that_never_left()
        self._find_fins_that_never_left()
        self.lives = sorted(
            (life for lives in self._lives.values() for life in lives),
            key=lambda life: life.transitions[0].lo,
        )
        self.lives += lives_of_another_stack(base + ".stack.jsonl", self.names)
        for life in self.lives:
            life.side = self.side_of(life.key)

    def side_of(self, key):
        return self.names.side_of(key[0][0]) or "?"

    # Request sockets

    def _request_periods(self, key):
        """(first, last) change of each period of SYN_RECV in the table; last may be None."""
        periods, first = [], None
        for change in self.changes.get(key, []):
            if change.state == "SYN_RECV":
                first = first or change
            elif first is not None:
                periods.append((first, change))
                first = None
        if first is not None:
            periods.append((first, None))
        return periods

    def _add_requests(self):
        """Gives passive lives their request socket; those left over are lives of their own."""
        for key in set(self._lives) | set(self.changes):
            periods, used = self._request_periods(key), set()
            lives = self._lives[key]
            for life in lives:
                if life.role != "passive":
                    continue
                for index, (first, last) in enumerate(periods):
                    begins = first.start <= life.left_syn_recv + REQUEST_SLACK
                    ends = last is None or life.first_event <= last.end + REQUEST_SLACK
                    if index not in used and begins and ends:
                        life.request = life.request or first
                        used.add(index)
            for index, (first, last) in enumerate(periods):
                if index in used or _belongs_to_active_life(first, lives):
                    continue
                life = Life("passive", key)
                life.request, life.request_end = first, last
                lives.append(life)
            lives.sort(key=lambda life: life.start)

    # Describing

    def _describe(self, key, position):
        lives = self._lives[key]
        life = lives[position]
        if not life.events:
            self._describe_lost_request(life)
            return
        following = lives[position + 1] if position + 1 < len(lives) else None
        for timestamp, old, new in life.events:
            if old == "LISTEN":
                previous = lives[position - 1] if position else None
                self._describe_request(life, timestamp, previous)
            elif new != "CLOSED":
                life.add(old, new, timestamp, timestamp, "trace")
            elif not self._describe_mini_socket(life, timestamp, old, following):
                cause = self._cause_of_end(key, timestamp, old)
                life.add(old, new, timestamp, timestamp, "trace", cause)

    def _latest_syn(self, key, before):
        """When the peer last opened actively before a moment: not earlier than its SYN."""
        opens = self._active_opens.get((key[1], key[0]), [])
        return max((moment for moment in opens if moment <= before), default=None)

    def _describe_lost_request(self, life):
        first, last = life.request, life.request_end
        lo = max(first.before, self._latest_syn(life.key, first.end) or 0)
        life.add("LISTEN", "SYN_RECV", lo, first.end, "ss")
        if last is not None:
            is_early = last.end - first.before < FIRST_SYN_ACK_TIMEOUT
            cause = "req-rst" if is_early else "req-drop"
            life.add("SYN_RECV", "CLOSED", last.before, last.end, "ss", cause)

    def _describe_request(self, life, timestamp, previous):
        lo, hi = self._latest_syn(life.key, timestamp) or 0, timestamp
        if life.request is not None:
            lo, hi = max(lo, life.request.before), min(hi, life.request.end)
        elif lo == 0:
            lo = hi
        previous_end = 0
        if previous is not None:
            previous_end = max((step.hi for step in previous.transitions), default=0)
        lo = max(lo, min(previous_end, hi))
        source = "ss" if life.request is not None else "child"
        life.add("LISTEN", "SYN_RECV", lo, hi, source)

    def _cause_of_end(self, key, timestamp, old):
        if _any_near(self._resets_in[key], timestamp, timestamp):
            return "rst-in"
        if _any_near(self._resets_out[key], timestamp, timestamp):
            return "rst-out"
        return "ack" if old == "LAST_ACK" else "silent"

    def _describe_mini_socket(self, life, timestamp, old, following):
        """FIN_WAIT2 or CLOSING that ends as a full socket but goes on as a mini-socket.

        Returns False when the end really is one.
        """
        key = life.key
        if old not in ("FIN_WAIT2", "CLOSING"):
            return False
        if _any_near(self._resets_in[key], timestamp, timestamp):
            return False
        if old == "FIN_WAIT2" and self._describe_short_time_wait(life, timestamp, following):
            return True
        life_limit = self._start_of(following)
        changes = self.changes.get(key, [])
        later = [c for c in changes if c.end >= timestamp and c.start < life_limit]
        earlier = [c for c in changes if c.end < timestamp]
        look_start, look_end = self._look_after(key, timestamp)
        at_look = [c for c in later if c.start <= look_start]
        later = later[len(at_look) :]
        shown = (at_look or earlier[-1:] or [None])[-1]
        state = shown.state if shown is not None else "-"

        if old == "CLOSING":
            if state == "-" and not self._has_short_time_wait(life, timestamp, look_end):
                life.add(old, "CLOSED", timestamp, timestamp, "trace", "silent")
                return True
            life.add(old, "TIME_WAIT", timestamp, timestamp, "trace")
            if state == "-":
                life.add("TIME_WAIT", "CLOSED", timestamp, look_end, "ss", "tw-early")
                return True
            state = "TIME_WAIT"
        elif state == "-" and self._has_short_time_wait(life, timestamp, look_end):
            life.add(old, "TIME_WAIT", timestamp, timestamp, "trace")
            life.add("TIME_WAIT", "CLOSED", timestamp, look_end, "ss", "tw-early")
            return True
        elif state == "TIME_WAIT":
            lo = max(timestamp, self._peer_fin(key, look_end, inclusive=False) or 0)
            life.add(old, "TIME_WAIT", min(lo, look_end), look_end, "trace+ss")
        elif state != "FIN_WAIT2":
            return False
        self._follow_mini_socket(life, timestamp, state, later)
        return True

    def _look_after(self, key, timestamp):
        looks = self.looks[self.side_of(key)]
        index = bisect.bisect_right(looks, (timestamp, 0))
        return looks[index] if index < len(looks) else (FOREVER, self.meta["end"])

    def _describe_short_time_wait(self, life, timestamp, following):
        """FIN_WAIT2 that ends with the peer's FIN while the next life begins before the next
        look at the table: only TIME_WAIT gives its tuple to a SYN."""
        key = life.key
        if following is None or _any_near(self._resets_out[key], timestamp, timestamp):
            return False
        reused = self._latest_start_of(following)
        reused = self._arrival(key, SYN, timestamp, reused) or reused
        if reused > self._look_after(key, timestamp)[1]:
            return False
        fin = self._peer_fin(key, reused)
        if fin is None or fin < life.first_event:
            return False
        life.add("FIN_WAIT2", "TIME_WAIT", min(max(timestamp, fin), reused), reused, "next-life")
        self._end_by_reuse(life, "TIME_WAIT")
        return True

    def _has_short_time_wait(self, life, timestamp, until):
        """Whether the peer's FIN, or the last acknowledgment, had just come, and a RST ended
        TIME_WAIT before the next look: by the capture on the host itself."""
        tap = self.tap_at(self.side_of(life.key))
        if tap is None:
            return False
        came = tap.received(life.key, timestamp - NEARBY, until + NEARBY)
        resets = [one for one in came if one.flags & RST and one.time > timestamp]
        return bool(resets) and any(
            one.flags & ACK and not one.flags & RST and one.time <= timestamp + NEARBY
            for one in came
        )

    def _arrival(self, key, flag, begin, end):
        """When a segment with a control bit first reached an end, by the capture on its host."""
        tap = self.tap_at(self.side_of(key))
        came = tap.received(key, begin, end) if tap is not None else []
        return next((one.time for one in came if one.flags & flag), None)

    def tap_at(self, side):
        """The capture on a host, or None where no tap was."""
        if side not in self._taps:
            path = f"{self._base}.{TAPS[side]}.pcap"
            exists = os.path.exists(path)
            self._taps[side] = captured.Tap(path, self.names) if exists else None
        return self._taps[side]

    def _follow_mini_socket(self, life, timestamp, state, changes):
        key = life.key
        for change in changes:
            if change.state == state:
                continue
            if (state, change.state) == ("FIN_WAIT2", "TIME_WAIT"):
                lo = max(change.before, self._peer_fin(key, change.end) or 0)
                life.add(state, "TIME_WAIT", lo, change.end, "ss")
                state = "TIME_WAIT"
            elif change.is_request or change.state in ("-", "SYN_RECV", "ESTABLISHED", "SYN_SENT"):
                fin = self._arrival(key, FIN, change.before, change.end)
                reset = self._arrival(key, RST, change.before, change.end)
                if state == "FIN_WAIT2" and fin and reset and fin < reset:
                    life.add(state, "TIME_WAIT", fin, fin, "tap")
                    life.add("TIME_WAIT", "CLOSED", reset, change.end, "ss", "tw-early")
                    return
                if state == "TIME_WAIT" and change.state != "-":
                    cause = "reuse"
                else:
                    cause = self._cause_of_mini_end(key, timestamp, state, change)
                life.add(state, "CLOSED", change.before, change.end, "ss", cause)
                return
        if state == "TIME_WAIT":
            self._end_by_reuse(life, state)

    def _cause_of_mini_end(self, key, timestamp, state, change):
        age = change.end - timestamp
        if _any_near(self._resets_in[key], change.before, change.end):
            return "rst-in"
        if state == "TIME_WAIT" and age < SHORTEST_TIME_WAIT:
            return "tw-early"
        if state == "FIN_WAIT2" and age < SHORTEST_FIN_TIMEOUT:
            return "mini-rst"
        return "silent"

    def _end_by_reuse(self, life, state):
        lives = self._lives[life.key]
        position = lives.index(life)
        if position + 1 >= len(lives):
            return
        following = lives[position + 1]
        hi = self._latest_start_of(following)
        earliest = min(self._start_of(following), hi) - REUSE_SLACK
        lo = max(life.transitions[-1].lo, earliest)
        life.add(state, "CLOSED", lo, hi, "next-life", "reuse")

    def _start_of(self, following):
        if following is None:
            return FOREVER
        starts = [following.start]
        if following.request is not None:
            starts.append(following.request.before)
        return min(starts)

    def _latest_start_of(self, life):
        ends = [moment for moment in (life.first_event,) if moment is not None]
        if life.request is not None:
            ends.append(life.request.end)
        return min(ends)

    def _peer_fin(self, key, before, inclusive=True):
        """When the peer last sent its FIN, by its own log."""
        fins = [
            timestamp
            for life in self._lives.get((key[1], key[0]), [])
            for timestamp, _, new in life.events
            if new in ("LAST_ACK", "FIN_WAIT1")
            and (timestamp <= before if inclusive else timestamp < before)
        ]
        return max(fins, default=None)

    def _find_unacknowledged_last_fins(self):
        for key, lives in self._lives.items():
            for life in lives:
                end = life.transitions[-1]
                if end.origin != "LAST_ACK" or end.cause != "ack":
                    continue
                peers = [
                    peer
                    for peer in self._lives.get((key[1], key[0]), [])
                    if peer.transitions[0].lo <= end.hi
                ]
                took_fin = peers and any(
                    step.target == "TIME_WAIT" and step.lo <= end.hi
                    for step in peers[-1].transitions
                )
                if peers and not took_fin:
                    end.cause = "silent"

    def _find_resets_that_never_left(self):
        """A RST that the host itself dropped is in no capture, not even in its own; a
        mini-socket that ends early with no RST there has met a short tcp_fin_timeout."""
        for lives in self._lives.values():
            for life in lives:
                end = life.transitions[-1]
                is_doubtful = end.cause in ("rst-out", "mini-rst")
                if not is_doubtful or end.lo < self.meta["capture_start"]:
                    continue
                tap = self.tap_at(self.side_of(life.key))
                if tap is None:
                    continue
                first, last = end.lo - NEARBY, end.hi + LATEST_DEPARTURE
                around = tap.sent(life.key, first, last)
                if end.cause == "mini-rst":
                    around = [*around, *tap.received(life.key, first, last)]
                if not any(one.flags & RST for one in around):
                    end.cause = "silent"

    def _find_fins_that_never_left(self):
        """close() with data in the queue moves the state; the FIN is sent behind them, or never."""
        for lives in self._lives.values():
            for life, following in zip(lives, [*lives[1:], None], strict=True):
                tap = self.tap_at(self.side_of(life.key))
                start = life.transitions[0].lo
                if tap is None or start < self.meta["capture_start"]:
                    continue
                own = tap.sent(life.key, start - NEARBY, self._start_of(following))
                if not own or any(one.flags & FIN for one in own):
                    continue
                for step in life.transitions:
                    if step.target in ("FIN_WAIT1", "LAST_ACK"):
                        step.cause = "silent"


def _belongs_to_active_life(request, lives):
    """Whether SYN_RECV in the table is that of a simultaneous open."""
    for life in lives:
        if life.role != "active" or life.first_event > request.end:
            continue
        if life.events[-1][2] != "CLOSED" or life.events[-1][0] >= request.before:
            return True
    return False


def _any_near(moments, lo, hi):
    return any(lo - NEARBY <= moment <= hi + NEARBY for moment in moments)


def rows(history):
    """The history as flat dictionaries, in the order of time, `life` counted per tuple."""
    numbers, found = collections.Counter(), []
    for life in history.lives:
        local, remote = (endpoint_text(*end) for end in life.key)
        number = numbers[life.key]
        numbers[life.key] += 1
        for step in life.transitions:
            row = {"ts_lo": step.lo, "ts_hi": step.hi, "local": local, "remote": remote}
            row |= {"endpoint": life.side, "life": number}
            row |= {"from": step.origin, "to": step.target, "cause": step.cause}
            found.append(row)
    return sorted(found, key=lambda row: row["ts_lo"])
