"""Lives of endpoints: the transitions of one incarnation, and the table's changes behind them."""

import collections
import dataclasses
import functools
import ipaddress
import json

MILLISECOND = 1_000_000
INVISIBLE_CAUSES = ("silent", "req-drop")


@dataclasses.dataclass
class Change:
    """A change in the socket table, between `before` and `end`; `start` began that look."""

    before: int
    start: int
    end: int
    state: str
    is_request: bool


@dataclasses.dataclass
class Transition:
    origin: str
    target: str
    lo: int
    hi: int
    source: str
    cause: str = "packet"


class Life:
    """One incarnation of an endpoint, from leaving CLOSED or LISTEN to CLOSED."""

    def __init__(self, role, key=None):
        self.role, self.key = role, key
        self.events = []
        self.request = self.request_end = None
        self.transitions = []
        self.side = "?"

    def add(self, origin, target, lo, hi, source, cause="packet"):
        self.transitions.append(Transition(origin, target, lo, max(lo, hi), source, cause))

    @property
    def first_event(self):
        return self.events[0][0] if self.events else None

    @property
    def left_syn_recv(self):
        """When a passive life's own socket left SYN_RECV; at once, unless by fast open."""
        return self.events[1][0] if len(self.events) > 1 else self.first_event

    @property
    def start(self):
        """When the life is first heard of; orders the lives of one tuple."""
        return self.events[0][0] if self.events else self.request.start


class Names:
    """Whose an address is, and the name it has at home where a translator gives it another."""

    SIDES = {"c": "client", "s": "server", "x": "client", "m": "middle"}

    def __init__(self, meta):
        self._sides = {
            _canonical(address): self.SIDES[name[0]] for name, address in meta["addresses"].items()
        }
        self._at_home = {
            _canonical(seen): _canonical(own) for seen, own in meta.get("aliases", {}).items()
        }

    def side_of(self, address):
        return self._sides.get(address)

    def crosses(self, key):
        """Whether a connection is between two hosts; a host may talk to itself, too."""
        local, remote = (self.side_of(address) for address, _ in key)
        return None not in (local, remote) and local != remote

    def endpoint(self, address, port):
        address = _canonical(address)
        return self._at_home.get(address, address), port

    def parse(self, text):
        """("10.1.0.1", 80) from "10.1.0.1:80", in canonical spelling, as it is called at home."""
        address, port = text.rsplit(":", 1)
        return self.endpoint(address.strip("[]"), int(port))


@functools.cache
def _canonical(address):
    return str(ipaddress.ip_address(address))


def read_samples(path, names):
    """({side: [(start, end) of each look]}, {key: [Change]}) of a .ss.jsonl file."""
    looks, changes = {}, collections.defaultdict(list)
    side = None
    with open(path) as lines:
        for line in lines:
            entry = json.loads(line)
            if "stream" in entry:
                side = entry["stream"]
                looks[side] = []
            elif "tick" in entry:
                looks[side].append(tuple(entry["tick"]))
            else:
                key = (names.parse(entry["local"]), names.parse(entry["remote"]))
                before = entry["t0"] if entry["prev"] is None else entry["prev"]
                change = Change(
                    before, entry["t0"], entry["ts"], entry["state"], bool(entry.get("req"))
                )
                changes[key].append(change)
    return looks, changes
