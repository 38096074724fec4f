"""The log of state changes, read: lives with their events, and the resets beside them."""

import collections
import json
import os

from .lives import Life


class EventLog:
    """What the kernel has written: `lives` by connection, and when resets came and went."""

    def __init__(self, path, names, changes):
        """`changes` of the socket tables give a port to opens that never got further."""
        self._names = names
        self.resets_in = collections.defaultdict(list)
        self.resets_out = collections.defaultdict(list)
        self.lives = collections.defaultdict(list)
        self._current, self._opened = {}, []
        with open(path) as lines:
            for line in lines:
                self._take(json.loads(line))
        self._find_ports(changes)

    def _take(self, event):
        local, remote = ("saddr", "sport"), ("daddr", "dport")
        key = tuple(self._names.endpoint(event[at], event[port]) for at, port in (local, remote))
        if event["ev"] == "tcp_receive_reset":
            self.resets_in[key].append(event["ts"])
        elif event["ev"] == "tcp_send_reset":
            self.resets_out[key].append(event["ts"])
        elif event["ev"] == "inet_sock_set_state":
            self._take_state_change(event, key)

    def _take_state_change(self, event, key):
        old, new, identity = event["oldstate"], event["newstate"], event["skaddr"]
        if event["protocol"] != "TCP" or old == new or not self._names.side_of(key[0][0]):
            return
        if new == "LISTEN" or (old, new) == ("LISTEN", "CLOSED"):
            return
        if (old, new) == ("CLOSED", "SYN_SENT"):
            life = self._current[identity] = Life("active")
            self._opened.append((life, (key[0][0], *key[1])))
        elif old == "LISTEN":
            self._current[identity] = Life("passive")
        life = self._current.get(identity)
        if life is None:
            return
        if life.key is None and event["sport"] and event["dport"]:
            self._name(life, key)
        life.events.append((event["ts"], old, new))
        if new == "CLOSED":
            del self._current[identity]

    def _name(self, life, key):
        life.key = key
        self.lives[key].append(life)

    def _find_ports(self, changes):
        for life, addresses in self._opened:
            if life.key is not None:
                continue
            for key, seen in sorted(changes.items()):
                if (key[0][0], *key[1]) != addresses or self.lives.get(key):
                    continue
                shown = seen[0]
                if shown.state == "SYN_SENT" and shown.before <= life.first_event <= shown.end:
                    self._name(life, key)
                    break


def lives_of_another_stack(path, names):
    """The lives that a stack outside the kernel has written about itself, if it has."""
    found, current = [], {}
    if not os.path.exists(path):
        return found
    with open(path) as lines:
        for line in lines:
            event = json.loads(line)
            key = (names.parse(event["local"]), names.parse(event["remote"]))
            if event["from"] in ("CLOSED", "LISTEN"):
                role = "active" if event["from"] == "CLOSED" else "passive"
                current[key] = Life(role, key)
                found.append(current[key])
            moments = event["not_before"], event["not_after"]
            current[key].add(event["from"], event["to"], *moments, "trace", event["cause"])
    return found
