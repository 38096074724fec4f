"""Boxes on the path that treat connections as firewalls and load balancers do."""

import time

from .forwarder import TO_SERVER, Passage, Path
from .packets import ACK, RST, reset_for


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
