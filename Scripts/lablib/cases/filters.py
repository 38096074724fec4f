"""Captures that hold a part only, or hold it in another order."""

import struct

from ..scenes import drop_at
from .registry import case, plain, rest
from .slow import calls
from .teardown import leak
from .transfer import send_to_the_gone, stall_server
from .traps import busy

SMALL_CUT = {"snapshot_length": 80}
FLAGS = "tcp[13] & 7 != 0 or ip6[53] & 7 != 0"
PAYLOAD = (
    "(ip and ip[2:2] - ((ip[0] & 15) << 2) - ((tcp[12] & 240) >> 2) != 0)"
    " or (ip6 and ip6[4:2] - ((ip6[52] & 240) >> 2) != 0)"
)
RESETS = "tcp[13] & 4 != 0 or ip6[53] & 4 != 0"
UNSEEN = "pure ACKs are nowhere in the file: the filter hides them"

case(
    "trap-filter-flags",
    (),
    ("server", "client"),
    keeps=FLAGS,
    rivals={
        "fin-wait-1-stuck": UNSEEN,
        "last-ack-stuck": UNSEEN,
        "syn-recv-stuck": UNSEEN,
    },
    quality="flags|filter",
    **SMALL_CUT,
)(plain(busy, "A busy, healthy server; the filter keeps SYN, FIN and RST only."))
case(
    "trap-filter-payload",
    (),
    ("server", "client"),
    keeps=PAYLOAD,
    rivals={"retransmit-until-death": UNSEEN, "asymmetric-or-one-way": "both ends send"},
    quality="filter|payload|pure|empty",
    **SMALL_CUT,
)(plain(busy, "A busy, healthy server; the filter keeps segments with payload only."))
case(
    "trap-filter-payload-stalled",
    (),
    ("client", "server"),
    keeps=PAYLOAD,
    rivals={
        "retransmit-until-death": UNSEEN,
        "asymmetric-or-one-way": "the filter keeps payload only, and the server has none to send",
    },
    **SMALL_CUT,
    **rest(7),
)(
    plain(
        stall_server,
        "The server's program does not read; the filter keeps payload only, so that the closed"
        " window is not in the file.",
    )
)


def resets_and_more(recording):
    """Refusals and aborts of a kind, of which the filter keeps the RSTs."""
    busy(recording, 10)
    drop_at(recording.hosts["server"], ("input", "tcp dport 9"))
    for i in range(4):
        version = 6 if i % 2 else 4
        client = recording.client(version)
        client.settimeout(3)
        try:
            client.connect((recording.address("server", version), 9999 + i))
        except OSError:
            client.close()


case(
    "trap-filter-rst",
    (),
    ("server", "client"),
    keeps=RESETS,
    not_said=("half-open-peer-restarted", "forged-rst"),
    **SMALL_CUT,
)(plain(resets_and_more, "The filter keeps RSTs only: what led to them is not in the file."))


def dead_service(recording):
    calls(8)(recording)
    drop_at(recording.hosts["server"], ("input", "tcp dport 8443"))

    def call(i, _):
        client = recording.client(4)
        client.settimeout(8)
        recording.keep(client)
        try:
            client.connect((recording.address("server", 4), 8443))
        except OSError:
            pass

    recording.in_parallel(5, call)


case(
    "filter-syn-dead-service",
    [("syn-filtered", "path|server|middlebox")],
    ("client",),
    keeps="tcp[13] & 2 != 0",
    rivals={"syn-flood": "the clients repeat their SYNs, as real ones do"},
    **SMALL_CUT,
)(
    plain(
        dead_service,
        "The filter keeps SYNs and SYN,ACKs only; one service answers, the other is filtered: its"
        " SYNs are repeated.",
    )
)


# The order of frames


def read_records(path):
    """The header of a classic nanosecond capture, and its records with their times."""
    with open(path, "rb") as source:
        data = source.read()
    order = "<" if data[0] in (0x4D, 0xD4) else ">"
    records, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, kept = struct.unpack_from(f"{order}III", data, at)
        records.append(((seconds, fraction), data[at : at + 16 + kept]))
        at += 16 + kept
    return data[:24], records


def write_records(path, header, records):
    with open(path, "wb") as out:
        out.write(header + b"".join(record for _, record in records))


def two_queues(source, target, random):
    """As of a card with two receive queues, each of which is written in bursts; the time
    stamps stay true."""
    header, records = read_records(source)
    ordered = []
    while records:
        burst = records[: random.randint(4, 12)]
        records = records[len(burst) :]
        queues = ([], [])
        for record in burst:
            queues[random.getrandbits(1)].append(record)
        ordered += queues[0] + queues[1]
    write_records(target, header, ordered)


def swapped_stamps(source, target, random):
    """Neighbouring frames of a few microseconds change places, with true time stamps."""
    header, records = read_records(source)
    i = 0
    while i + 1 < len(records):
        near = records[i + 1][0][1] - records[i][0][1]
        if 0 <= near < 200_000 and random.random() < 0.6:
            records[i], records[i + 1] = records[i + 1], records[i]
            i += 1
        i += 1
    write_records(target, header, records)


CLOSED = {"timed_out": 0, "unanswered": 0, "closing": 0, "half_closed": 0, "open": 0}
IN_TIME = {
    "retransmit-until-death": "sorted by time, all is acknowledged",
    "fin-wait-1-stuck": "sorted by time, every FIN is acknowledged",
    "last-ack-stuck": "sorted by time, every FIN is acknowledged",
    "rst-ignored": "no RST",
}


case(
    "trap-two-queues",
    (),
    ("server", "client"),
    rewrite=two_queues,
    rivals=IN_TIME,
    endings=CLOSED,
    **SMALL_CUT,
)(
    plain(
        calls(20), "Two receive queues are written in bursts: frames are out of order in the file."
    )
)
case(
    "trap-neighbours-swapped",
    (),
    ("server", "middle"),
    rewrite=swapped_stamps,
    rivals=IN_TIME,
    endings=CLOSED,
    **SMALL_CUT,
)(
    plain(
        calls(20), "Neighbouring frames have changed places in the file; the time stamps are true."
    )
)
case(
    "two-queues-leak",
    [("close-wait-leak", "server")],
    ("server",),
    rewrite=two_queues,
    rivals=IN_TIME,
    **rest(62),
)(plain(leak(5), "A leak, in a file whose frames are out of order."))


case(
    "filter-payload-host-gone",
    [("retransmit-until-death|half-open", "path")],
    ("server",),
    keeps=PAYLOAD,
    not_said=({"diagnosis": "asymmetric-or-one-way"},),
    **SMALL_CUT,
    **rest(20),
)(
    plain(
        send_to_the_gone,
        "The clients' host vanishes under data, and the filter keeps payload only: copies at"
        " doubling pauses.",
    )
)
