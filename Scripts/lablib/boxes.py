"""Boxes on the path that treat connections as firewalls and load balancers do."""

import time

from .forwarder import TO_SERVER, Passage, Path
from .packets import ACK, RST, reset_for, rewritten, timestamp, with_clock_shifted


class ForgetfulBox(Path):
    """Forgets a connection to `port` that was idle for `idle` seconds: what comes later is
    dropped, or answered with a RST of its own (`resets`). The box stands behind the tap,
    on the server's side, and lowers no time to live but its own."""

    def __init__(self, seed, port, idle, resets=False, **options):
        super().__init__(seed, **options)
        self.port, self.idle, self.resets = port, idle, resets
        self.last, self.forgotten = {}, set()

    def passages(self, segment, direction, is_cut):
        flow = self._flow(segment, direction)
        delay = flow.delays[direction]
        now = time.monotonic()
        idle = now - self.last.get(flow.index, now)
        self.last[flow.index] = now
        if idle > self.idle and self.port in (segment.source_port, segment.destination_port):
            self.forgotten.add(flow.index)
        if flow.index not in self.forgotten:
            return super().passages(segment, direction, is_cut)
        if not self.resets:
            return [Passage(delay / 2, 0, is_delivered=False)]
        if segment.flags & RST:
            return self.lose(delay)
        frame = reset_for(segment, time_to_live=251)
        lost = Passage(delay / 4, 0, is_delivered=False)
        answer = Passage(delay / 4 + 0.0005, delay / 4, frame=frame, turns_back=True)
        return [lost, answer]


class ForgingBox(Path):
    """Kills each connection to `port` whose `word` it sees from the client, by RSTs in both
    ends' names, and lets the real segments go on."""

    def __init__(self, seed, port, word, **options):
        super().__init__(seed, **options)
        self.port, self.word = port, word

    def special(self, segment, flow, kind, delay):
        if kind != "DATAc" or segment.destination_port != self.port:
            return None
        if self.word not in segment.frame:
            return None
        back = reset_for(segment, time_to_live=47)
        end = segment.sequence + segment.length
        on = reset_for(segment, 47, is_answer=False, flags=RST | ACK, sequence=end)
        return [
            *self.deliver(delay),
            Passage(delay / 2 + 0.0003, delay / 2, frame=back, turns_back=True),
            Passage(delay / 2 + 0.0003, delay / 2, frame=on),
        ]


class StaleBox(Path):
    """Sends the server a RST with an old number, in the client's name, after each `word`."""

    def __init__(self, seed, word, **options):
        super().__init__(seed, **options)
        self.word = word

    def special(self, segment, flow, kind, delay):
        if kind != "DATAc" or self.word not in segment.frame:
            return None
        beyond = segment.sequence + segment.length + 3000
        stale = reset_for(segment, 64, is_answer=False, flags=RST, sequence=beyond)
        return [*self.deliver(delay), Passage(delay / 2 + 0.001, delay / 2, frame=stale)]


class TwiceTapped(Path):
    """A tap that sees every segment twice, as a mirror of both ports does."""

    def deliver(self, delay):
        copy = Passage(delay / 2 + 0.0002, 0, is_delivered=False)
        return [*super().deliver(delay), copy]


class DeafPath(Path):
    """Loses behind the tap what `is_lost` says of connections to `port`."""

    def __init__(self, seed, port, is_lost, **options):
        super().__init__(seed, **options)
        self.port, self.is_lost = port, is_lost

    def special(self, segment, flow, kind, delay):
        ports = (segment.source_port, segment.destination_port)
        if self.port in ports and self.is_lost(segment, flow, kind):
            return [Passage(delay / 2, 0, is_delivered=False)]
        return None


def last_acknowledgment(segment, flow, kind):
    """The client's acknowledgments of the server's FIN."""
    return kind == "AFINs"


def acknowledgment_of_fin(segment, flow, kind):
    """What the server sends once the client has sent its FIN."""
    from_server = kind in ("ACKs", "DATAs", "FINs", "AFINc")
    return from_server and flow.fin_sequence[TO_SERVER] is not None


class AlteringBox(Path):
    """Sends on what `alter` makes of a segment; where it makes None, the segment itself.
    The change is made before the tap, as if the sender had made it."""

    def __init__(self, seed, alter, **options):
        super().__init__(seed, **options)
        self.alter = alter

    def special(self, segment, flow, kind, delay):
        frame = self.alter(segment, flow, kind)
        if frame is None:
            return None
        return [Passage(delay / 2, delay / 2, frame=frame)]


class GuessingBox(Path):
    """Sends both ends of a connection RSTs in the other's name once it sees `word`: the
    numbers are guessed, and every third of them is right."""

    def __init__(self, seed, word, step=1024, **options):
        super().__init__(seed, **options)
        self.word, self.step = word, step

    def special(self, segment, flow, kind, delay):
        if kind != "DATAc" or self.word not in segment.frame:
            return None
        passages = self.deliver(delay)
        end = segment.sequence + segment.length
        for i in range(3):
            late = 0.001 + 0.0004 * i
            back = reset_for(segment, 64, sequence=segment.acknowledgment + (i - 1) * self.step)
            on = reset_for(segment, 64, is_answer=False, sequence=end + (i - 1) * self.step)
            passages += [
                Passage(delay / 2 + late, delay / 2, frame=back, turns_back=True),
                Passage(delay / 2 + late, delay / 2, frame=on),
            ]
        return passages


class KillingBox(Path):
    """Ends every connection to `port` right after its handshake by RSTs in the server's
    name, each with a time to live of its own; the server's end is killed too."""

    def __init__(self, seed, port, **options):
        super().__init__(seed, **options)
        self.port = port

    def special(self, segment, flow, kind, delay):
        if kind != "ACK3" or segment.destination_port != self.port:
            return None
        passages = self.deliver(delay)
        for i in range(3):
            back = reset_for(segment, 37 + i, flags=RST | ACK)
            moment = delay / 2 + 0.002 + 0.0003 * i
            passages.append(Passage(moment, delay / 2, frame=back, turns_back=True))
        on = reset_for(segment, 40, is_answer=False)
        passages.append(Passage(delay / 2 + 0.002, delay / 2, frame=on))
        return passages


class RecyclingHost(Path):
    """Drops, behind the tap, SYNs whose time stamp is older than the newest of the same
    address: what Linux did before 4.12 with tcp_tw_recycle. Clients with ports from
    `shifted_from` on have a clock that is a day behind that of the others."""

    DAY = 86_400_000

    def __init__(self, seed, shifted_from, **options):
        super().__init__(seed, **options)
        self.shifted_from = shifted_from
        self.newest = {}

    def special(self, segment, flow, kind, delay):
        frame = segment.frame
        if segment.source_port >= self.shifted_from:
            frame = with_clock_shifted(frame, value=-self.DAY)
        elif segment.destination_port >= self.shifted_from:
            frame = with_clock_shifted(frame, echo=self.DAY)
        stamp = timestamp(frame)
        newest = self.newest.get(segment.source, stamp)
        is_older = stamp is not None and (stamp - newest) & 0xFFFFFFFF > 0x7FFFFFFF
        if kind == "FINc" and not is_older and stamp is not None:
            self.newest[segment.source] = stamp
        if kind == "SYNc" and is_older:
            return [Passage(delay / 2, 0, is_delivered=False, frame=frame)]
        return [Passage(delay / 2, delay / 2, frame=frame)]


def last_of_handshake(segment, flow, kind):
    """The client's ACK of the SYN,ACK."""
    return kind == "ACK3"


def some_acknowledgments(segment, flow, kind):
    """The client's next three acknowledgments once the word has been sent."""
    if kind == "DATAs" and segment.frame.endswith(b"repeat this"):
        flow.held.setdefault("left", 3)
    if kind != "ACKc" or not flow.held.get("left"):
        return False
    flow.held["left"] -= 1
    return True


def closed_window_in_syn_ack(segment, flow, kind):
    """A server that opens its window only after the handshake."""
    return rewritten(segment.frame, window=0) if kind == "SYNACK" else None


def resets_of_client(segment, flow, kind):
    return kind == "RSTc"


def bare_resets(segment, flow, kind):
    """Aborts as Windows sends them: a RST without ACK, with the live socket's number."""
    if kind != "RSTc" or not segment.flags & ACK:
        return None
    return rewritten(segment.frame, flags=RST, acknowledgment=0, window=0)


def refusals_with_other_number(segment, flow, kind):
    """A refusal that acknowledges a number its receiver never sent."""
    if kind != "RSTs" or not segment.flags & ACK:
        return None
    return rewritten(segment.frame, acknowledgment=segment.acknowledgment + 77_777)


def data_from_further_away(segment, flow, kind):
    """The server's data has come one hop further than what opened the connection."""
    if kind != "DATAs" or segment.source_port != 8080:
        return None
    return rewritten(segment.frame, time_to_live=53)


def broken_first_syn(segment, flow, kind):
    """The first SYN of every third connection carries a wrong checksum."""
    if kind != "SYNc" or flow.index % 3 or flow.held.setdefault("broken", segment) is not segment:
        return None
    at = 54 if len(segment.source) == 16 else 34
    frame = bytearray(segment.frame)
    frame[at + 16] ^= 0x5A
    return bytes(frame)
