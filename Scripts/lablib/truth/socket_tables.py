"""The kernel's socket tables through sock_diag(7): what `ss` shows."""

import ipaddress
import json
import socket
import struct
import time

from .. import system

NETLINK_SOCK_DIAG = 4
NLMSG_ERROR = 2
NLMSG_DONE = 3
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 0x001
NLM_F_DUMP = 0x300
TIMER_TIME_WAIT = 3

STATES = {
    1: "ESTABLISHED",
    2: "SYN_SENT",
    3: "SYN_RECV",
    4: "FIN_WAIT1",
    5: "FIN_WAIT2",
    6: "TIME_WAIT",
    7: "CLOSED",
    8: "CLOSE_WAIT",
    9: "LAST_ACK",
    10: "LISTEN",
    11: "CLOSING",
    12: "SYN_RECV",  # a request socket, TCP_NEW_SYN_RECV inside the kernel
    13: "BOUND",
}
NOT_CONNECTIONS = (7, 10, 13)
REQUEST_STATE = 12
SHADOWS = (5, 6)  # a TIME_WAIT mini-socket gives way to a full one on the same tuple


def endpoint_text(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def address_text(packed):
    """An IPv4 or IPv6 address; IPv4 mapped into IPv6 is IPv4, as on the wire."""
    address = ipaddress.ip_address(packed)
    return str(getattr(address, "ipv4_mapped", None) or address)


class SocketTable:
    """One netlink socket inside a namespace, to be asked again and again."""

    def __init__(self, namespace):
        with namespace:
            self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
        self._netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._names = {}

    def close(self):
        self._netlink.close()

    def read(self):
        """All TCP sockets but listeners: {(local, remote): (state, is_mini, receive, send)}."""
        found = {}
        for family in (socket.AF_INET, socket.AF_INET6):
            for message in self._dump(family):
                state, timer = message[1], message[2]
                name = self._name(family, message[4:40])
                if name in found and found[name][0] not in SHADOWS:
                    continue
                receive, send = struct.unpack_from("=II", message, 56)
                found[name] = (state, timer == TIMER_TIME_WAIT, receive, send)
        return found

    def rows(self):
        """The table as dictionaries, in a fixed order."""
        rows = []
        for (local, remote), (state, _, receive, send) in self.read().items():
            row = {"local": local, "remote": remote, "state": STATES[state]}
            rows.append({**row, "send_queue": send, "receive_queue": receive})
        return sorted(rows, key=lambda row: (row["local"], row["remote"]))

    def _name(self, family, packed):
        """The local and remote endpoint, as text, of an inet_diag_sockid."""
        if (family, packed) not in self._names:
            size = 4 if family == socket.AF_INET else 16
            ports = struct.unpack_from(">HH", packed)
            addresses = (address_text(packed[start : start + size]) for start in (4, 20))
            name = tuple(endpoint_text(*end) for end in zip(addresses, ports))
            self._names[(family, packed)] = name
        return self._names[(family, packed)]

    def _dump(self, family):
        wanted = 0xFFFFFFFF
        for state in NOT_CONNECTIONS:
            wanted &= ~(1 << state)
        body = struct.pack("=BBBBI48x", family, socket.IPPROTO_TCP, 0, 0, wanted)
        flags = NLM_F_REQUEST | NLM_F_DUMP
        self._netlink.send(_message(SOCK_DIAG_BY_FAMILY, flags, body))
        while True:
            answer = self._netlink.recv(262144)
            offset = 0
            while offset + 16 <= len(answer):
                length, kind = struct.unpack_from("=IH", answer, offset)
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    return
                yield answer[offset + 16 : offset + length]
                offset += (length + 3) & ~3


def _message(kind, flags, body):
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body


def sample(namespace, label, path, period, is_over):
    """Writes every change of the socket table, seen each `period` seconds, to `path`.

    Runs in a process of its own. `tick` lines give the start and end of each look;
    a change lies between the start of the look before (`prev`) and the end of this
    one (`ts`). State `-` means that the socket is gone.
    """
    system.die_with_parent()
    table = SocketTable(namespace)
    before, before_start = {}, None
    due = time.time()
    with open(path, "w") as out:
        while not is_over():
            start = time.time_ns()
            now = {key: value[:2] for key, value in table.read().items()}
            end = time.time_ns()
            out.write(f'{{"tick":[{start},{end}]}}\n')
            for name in sorted(set(now) | set(before)):
                if now.get(name) == before.get(name):
                    continue
                state, is_mini = now.get(name, (None, False))
                change = {
                    "ts": end,
                    "t0": start,
                    "prev": before_start,
                    "ns": label,
                    "local": name[0],
                    "remote": name[1],
                    "state": "-" if state is None else STATES[state],
                    "mini": int(is_mini),
                    "req": int(state == REQUEST_STATE),
                }
                out.write(json.dumps(change, separators=(",", ":")) + "\n")
            before, before_start = now, start
            due = max(due + period, time.time())
            time.sleep(max(0, due - time.time()))
