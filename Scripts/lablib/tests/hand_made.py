"""A recording written by hand: a log, socket tables and captures of a few segments."""

import bisect
import json
import socket
import struct

from ..packets import ACK, FIN, SYN
from ..truth.history import TAPS, KernelHistory

CLIENT, SERVER = ("10.0.0.1", 4000), ("10.0.0.2", 80)
SECOND = 10**9
MILLISECOND = 10**6
# Times are counted from here; the tables are looked at every 5 ms at first, then every 100.
ORIGIN = 1_700_000_000 * SECOND
LOOKS = [*range(0, 200, 5), *range(200, 20_000, 100)]


class HandMade:
    """Collects events, table rows and segments; `history` writes them and reads them back.

    Times are milliseconds. A segment's number is relative; it passes each tap in `taps`
    at the time given there.
    """

    def __init__(self, directory, end=10_000, capture_start=0, topology="bridge", aliases=None):
        self.base = f"{directory}/made"
        self.end = end
        self.meta = {
            "addresses": {"c4": CLIENT[0], "s4": SERVER[0]},
            "aliases": aliases or {},
            "topology": topology,
            "recording_start": ORIGIN,
            "capture_start": moment(capture_start),
            "end": moment(end),
        }
        self.events, self.rows, self.frames = [], [], {"client": [], "server": [], "mid": []}
        self.sockets = 0

    def life(self, local, remote, *steps):
        """Steps are (time, state); the first one says where the life begins."""
        self.sockets += 1
        before = None
        for time, state in steps:
            if before is not None:
                event = {"ts": moment(time), "ev": "inet_sock_set_state", "protocol": "TCP"}
                event |= {"saddr": local[0], "sport": local[1], "skaddr": hex(self.sockets)}
                event |= {"daddr": remote[0], "dport": remote[1]}
                event |= {"oldstate": before, "newstate": state}
                self.events.append(event)
            before = state

    def reset(self, kind, time, local, remote):
        event = {"ts": moment(time), "ev": f"tcp_{kind}_reset"}
        event |= {"saddr": local[0], "sport": local[1], "daddr": remote[0], "dport": remote[1]}
        self.events.append(event)

    def row(self, time, local, remote, state, is_request=False):
        """From the first look after `time` on the table shows `state`."""
        index = bisect.bisect_right(LOOKS, time)
        before, look = LOOKS[index - 1], LOOKS[index]
        row = {"ts": moment(look) + 1000, "t0": moment(look), "prev": moment(before)}
        row |= {"local": text(local), "remote": text(remote), "state": state}
        side = "client" if local[0] == CLIENT[0] else "server"
        self.rows.append((side, row | {"req": int(is_request)}))

    def segment(self, source, destination, flags, sequence, acknowledged, length=0, **taps):
        for tap, time in taps.items():
            frame = make_frame(source, destination, flags, sequence, acknowledged, length)
            self.frames[tap].append((moment(time), frame))

    def handshake(self, client=0, mid=2, server=4):
        """SYN, SYN/ACK and ACK with 4 ms between the hosts; the data begins at 1."""
        opened = (CLIENT, SERVER, SYN, 0, 0)
        self.segment(*opened, client=client, mid=mid, server=server)
        answer = (SERVER, CLIENT, SYN | ACK, 0, 1)
        self.segment(*answer, server=server, mid=server + 2, client=server + 4)
        self.segment(CLIENT, SERVER, ACK, 1, 1, client=8, mid=10, server=12)

    def history(self):
        self._write_lines(".truth.jsonl", sorted(self.events, key=lambda event: event["ts"]))
        looks = [
            {"tick": [moment(time), moment(time) + 1000]} for time in LOOKS if time <= self.end
        ]
        lines = []
        for side in ("client", "server"):
            lines += [{"stream": side}, *looks]
            lines += [row for at, row in self.rows if at == side]
        self._write_lines(".ss.jsonl", lines)
        with open(self.base + ".meta.json", "w") as out:
            json.dump(self.meta, out)
        for tap in TAPS.values():
            with open(f"{self.base}.{tap}.pcap", "wb") as out:
                out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 192, 1))
                for time, frame in sorted(self.frames[tap]):
                    seconds, rest = divmod(time, SECOND)
                    out.write(struct.pack("<IIII", seconds, rest, len(frame), len(frame)))
                    out.write(frame)
        return KernelHistory(self.base)

    def _write_lines(self, suffix, lines):
        with open(self.base + suffix, "w") as out:
            for line in lines:
                out.write(json.dumps(line) + "\n")


def moment(milliseconds):
    return ORIGIN + int(milliseconds * MILLISECOND)


def text(end):
    return f"{end[0]}:{end[1]}"


def make_frame(source, destination, flags, sequence, acknowledged, length):
    ports = struct.pack(">HH", source[1], destination[1])
    tcp = ports + struct.pack(">IIBBHHH", sequence, acknowledged, 5 << 4, flags, 9000, 0, 0)
    ends = socket.inet_aton(source[0]) + socket.inet_aton(destination[0])
    internet = struct.pack(">BBHHHBBH", 0x45, 0, 40 + length, 0, 0, 64, 6, 0) + ends
    return bytes(12) + b"\x08\x00" + internet + tcp


def close_of_client(recording):
    """A connection that the client closes at 100 ms, without loss."""
    recording.life(
        CLIENT,
        SERVER,
        (0, "CLOSED"),
        (0, "SYN_SENT"),
        (8, "ESTABLISHED"),
        (100, "FIN_WAIT1"),
        (108, "FIN_WAIT2"),
        (112, "CLOSED"),
    )
    recording.life(
        SERVER,
        CLIENT,
        (12, "LISTEN"),
        (12, "SYN_RECV"),
        (12.01, "ESTABLISHED"),
        (104, "CLOSE_WAIT"),
        (108, "LAST_ACK"),
        (116, "CLOSED"),
    )
    recording.row(4, SERVER, CLIENT, "SYN_RECV", is_request=True)
    recording.row(12.01, SERVER, CLIENT, "ESTABLISHED")
    recording.row(112, CLIENT, SERVER, "TIME_WAIT")
    recording.handshake()
    recording.segment(CLIENT, SERVER, FIN | ACK, 1, 1, client=100, mid=102, server=104)
    recording.segment(SERVER, CLIENT, ACK, 1, 2, server=104, mid=106, client=108)
    recording.segment(SERVER, CLIENT, FIN | ACK, 1, 2, server=108, mid=110, client=112)
    recording.segment(CLIENT, SERVER, ACK, 2, 2, client=112, mid=114, server=116)
