"""The kernel's TCP tracepoints, read from the raw ring buffers with nanosecond times."""

import ipaddress
import json
import os
import struct
import time

from .. import system
from .socket_tables import STATES, address_text

EVENTS = (
    "sock/inet_sock_set_state",
    "tcp/tcp_receive_reset",
    "tcp/tcp_send_reset",
    "tcp/tcp_retransmit_synack",
    "tcp/tcp_destroy_sock",
)
PAGE = 4096
MARK = b"wirestate-mark"
AF_INET, AF_INET6 = 2, 10
PROTOCOLS = {6: "TCP", 262: "MPTCP"}

# Types in the low five bits of a ring buffer record header; smaller ones are lengths.
PADDING, TIME_EXTEND, TIME_STAMP = 29, 30, 31
MISSED_EVENTS = 1 << 31


class KernelTrace:
    """A tracing instance of our own, so that nobody else's tracing is disturbed.

    The trace clock is CLOCK_TAI; `clock_offset` tells what to subtract to get
    CLOCK_REALTIME, the clock of packet captures.
    """

    def __init__(self, name):
        self.path = f"{system.TRACEFS}/instances/{name}"
        if os.path.isdir(self.path):
            os.rmdir(self.path)
        os.mkdir(self.path)
        self._write("tracing_on", 0)
        self._write("buffer_size_kb", 8192)
        self._write("trace_clock", "tai")
        self.formats = {}
        for event in EVENTS:
            if not os.path.isdir(f"{self.path}/events/{event}"):
                continue
            number, fields = self._read_format(event)
            self.formats[number] = (event.split("/")[1], fields)
            self._write(f"events/{event}/enable", 1)
        self._write("tracing_on", 1)

    def close(self):
        self._write("tracing_on", 0)
        os.rmdir(self.path)

    def mark(self, count=40):
        """Writes marks and returns the real time before and after each of them."""
        brackets = []
        marker = os.open(f"{self.path}/trace_marker", os.O_WRONLY)
        for _ in range(count):
            before = time.time_ns()
            os.write(marker, MARK)
            brackets.append((before, time.time_ns()))
            time.sleep(0.0005)
        os.close(marker)
        return brackets

    def collect(self, path, networks, is_over):
        """Reads events until `is_over()`, then writes those within `networks`.

        Runs in a process of its own. Beside `path`, a file `.summary` tells the
        number of events, of lost pages, and the times of the marks.
        """
        system.die_with_parent()
        pipes = [
            os.open(f"{self.path}/per_cpu/{cpu}/trace_pipe_raw", os.O_RDONLY | os.O_NONBLOCK)
            for cpu in sorted(os.listdir(f"{self.path}/per_cpu"))
        ]
        records, lost_pages = [], 0
        was_over = False
        while True:
            pages = [page for pipe in pipes for page in _available_pages(pipe)]
            for page in pages:
                lost_pages += bool(struct.unpack_from("Q", page, 8)[0] & MISSED_EVENTS)
                records.extend(_records(page))
            if not pages:
                if was_over:
                    break
                was_over = is_over()
                time.sleep(0.02)
        records.sort(key=lambda record: record[0])
        marks, events = [], 0
        allowed = [ipaddress.ip_network(network) for network in networks]
        with open(path, "w") as out:
            for timestamp, data in records:
                number = struct.unpack_from("H", data)[0]
                if number not in self.formats:
                    if MARK in data:
                        marks.append(timestamp)
                    continue
                event = self._decode(timestamp, data, *self.formats[number])
                if _concerns(event, allowed):
                    events += 1
                    out.write(json.dumps(event, separators=(",", ":")) + "\n")
        with open(path + ".summary", "w") as out:
            json.dump({"events": events, "missed_pages": lost_pages, "marks": marks}, out)

    def _write(self, name, value):
        with open(f"{self.path}/{name}", "w") as setting:
            setting.write(str(value))

    def _read_format(self, event):
        number, fields = None, {}
        with open(f"{self.path}/events/{event}/format") as lines:
            for line in lines:
                if line.startswith("ID:"):
                    number = int(line[3:])
                elif line.strip().startswith("field:"):
                    parts = dict(
                        part.strip().split(":") for part in line.strip().split(";") if ":" in part
                    )
                    name = parts["field"].split()[-1].split("[")[0]
                    fields[name] = (int(parts["offset"]), int(parts["size"]))
        return number, fields

    def _decode(self, timestamp, data, name, fields):
        def number(field):
            offset, size = fields[field]
            return int.from_bytes(data[offset : offset + size], "little")

        event = {"ts": timestamp, "ev": name}
        if "skaddr" in fields:
            event["skaddr"] = hex(number("skaddr"))
        event.update(_addresses(data, fields, number))
        for field in ("sport", "dport"):
            if field in fields:
                event[field] = number(field)
        if name == "inet_sock_set_state":
            protocol = number("protocol")
            event["protocol"] = PROTOCOLS.get(protocol, protocol)
            event["oldstate"] = STATES[number("oldstate")]
            event["newstate"] = STATES[number("newstate")]
        if "state" in fields:
            event["state"] = STATES.get(number("state"))
        if "reason" in fields:
            event["reason"] = number("reason")
        return event


def clock_offset():
    """CLOCK_TAI minus CLOCK_REALTIME in nanoseconds, the best of many tries."""
    best = None
    for _ in range(200):
        before = time.clock_gettime_ns(time.CLOCK_REALTIME)
        tai = time.clock_gettime_ns(time.CLOCK_TAI)
        after = time.clock_gettime_ns(time.CLOCK_REALTIME)
        if best is None or after - before < best[0]:
            best = (after - before, tai - (before + after) // 2)
    return {"window_ns": best[0], "trace_clock_minus_real_ns": best[1], "at": time.time_ns()}


def to_real_time(path, offsets):
    """Rewrites the times of a collected file, and of its marks, to CLOCK_REALTIME."""
    (first, first_at), (last, last_at) = [
        (offset["trace_clock_minus_real_ns"], offset["at"]) for offset in offsets
    ]

    def real(timestamp):
        drift = (last - first) * (timestamp - first - first_at) // (last_at - first_at)
        return timestamp - first - drift

    with open(path) as lines:
        events = [json.loads(line) for line in lines]
    with open(path, "w") as out:
        for event in events:
            event["ts"] = real(event["ts"])
            out.write(json.dumps(event, separators=(",", ":")) + "\n")
    with open(path + ".summary") as stored:
        summary = json.load(stored)
    os.unlink(path + ".summary")
    summary["marks"] = [real(mark) for mark in summary["marks"]]
    return summary


def _available_pages(pipe):
    while True:
        try:
            page = os.read(pipe, PAGE)
        except BlockingIOError:
            return
        if not page:
            return
        yield page


def _records(page):
    """Yields (time, event data) of one ring buffer page (see ring-buffer-design)."""
    page_time, commit = struct.unpack_from("QQ", page)
    end = 16 + (commit & 0xFFFFF)
    offset, now = 16, page_time
    while offset < end:
        header = struct.unpack_from("I", page, offset)[0]
        kind, delta = header & 31, header >> 5
        offset += 4
        if kind == PADDING:
            if delta == 0:
                return
            offset += struct.unpack_from("I", page, offset)[0]
        elif kind == TIME_EXTEND:
            now += delta + (struct.unpack_from("I", page, offset)[0] << 27)
            offset += 4
        elif kind == TIME_STAMP:
            absolute = delta + (struct.unpack_from("I", page, offset)[0] << 27)
            now = absolute | (page_time & (0xF8 << 56))
            offset += 4
        else:
            now += delta
            if kind == 0:
                length = struct.unpack_from("I", page, offset)[0]
                start, offset = offset + 4, offset + length
            else:
                start, offset = offset, offset + kind * 4
            yield now, page[start:offset]


def _addresses(data, fields, number):
    if "saddr" not in fields:
        return {}
    family = number("family") if "family" in fields else AF_INET
    found = {}
    for side, port in (("saddr", "sport"), ("daddr", "dport")):
        offset, size = fields[side]
        if family == AF_INET6 and f"{side}_v6" in fields:
            offset = fields[f"{side}_v6"][0]
            found[side] = address_text(data[offset : offset + 16])
        elif size == 4:
            found[side] = address_text(data[offset : offset + 4])
        else:  # a struct sockaddr_in6 that may hold either family
            name = data[offset : offset + 28]
            is_v4 = struct.unpack_from("H", name)[0] == AF_INET
            found[side] = address_text(name[4:8] if is_v4 else name[8:24])
            found[port] = struct.unpack_from(">H", name, 2)[0]
    return found


def _concerns(event, networks):
    for side in ("saddr", "daddr"):
        if side in event:
            address = ipaddress.ip_address(event[side])
            if any(address in net for net in networks if net.version == address.version):
                return True
    return False
