"""How many cache lines come from memory for a packet and for a connection, beside a model.

Where many connections are open, memory is what a packet waits for. The model counts the lines that
the layout of the table makes a packet touch; callgrind counts those that its run takes from memory,
with a cache so small that no connection is in it when its next packet comes.
"""

from . import callgrind, inputs, tables

# Open connections, and packets of the three captures whose differences are taken.
CONNECTIONS = 100_000
PACKETS = 1_000_000
ROOM = ["--max-connections", str(1 << 24)]

# Bytes. The connections that became steady last are whole, older ones compact.
LINE = 64
FLOW = 704
COMPACT_FLOW = 256
CACHED_SYN = 64

# Of a packet without options, cut to its headers: record header and frame.
FRAME = 16 + 54

PACKET_MODEL = [
    ("the frame, in the buffer that is read into", FRAME / LINE),
    ("the slot of its connection", 1),
    ("of the compact connection, what a predicted segment touches", 3),
]
CONNECTION_MODEL = [
    ("the three frames of the handshake", 3 * FRAME / LINE),
    ("the slot: at the SYN, and when the connection becomes compact", 2),
    ("the cached SYN", CACHED_SYN // LINE),
    # Its place is used again at once.
    ("the whole connection, when it becomes compact", FLOW // LINE),
    ("the compact connection: written, looked through, recorded", 3 * COMPACT_FLOW // LINE),
    ("its number, for the order: read twice", 2),
]


def run(programs, directory, show, scale=1):
    """Prints both tables; `scale` makes the captures smaller by that factor."""
    connections, packets = CONNECTIONS // scale, PACKETS // scale
    base = _lines(programs, directory, show, connections, packets)
    longer = _lines(programs, directory, show, connections, 2 * packets)
    # As many packets of data, twice as many handshakes.
    wider = _lines(programs, directory, show, 2 * connections, packets + 3 * connections)
    _print("packet of data", PACKET_MODEL, (longer - base) / packets)
    _print("connection, its handshake included", CONNECTION_MODEL, (wider - base) / connections)


def _lines(programs, directory, show, connections, packets):
    show(f"cache lines: {connections:,} connections, {packets:,} packets")
    capture = inputs.make(programs, directory, "flows", connections=connections, packets=packets)
    binary = callgrind.without_debug_information(programs.wirestate, directory)
    command = [binary, "report", *ROOM, "--threads", "1", capture.path]
    events = callgrind.events(command, callgrind.SMALL_CACHE)
    inputs.remove(capture)
    return events["DLmr"] + events["DLmw"]


def _print(what, model, measured):
    rows = [[part, f"{lines:.1f}"] for part, lines in model]
    rows.append(["**model**", f"{sum(lines for _, lines in model):.1f}"])
    rows.append(["**measured**", f"{measured:.1f}"])
    print(tables.table([f"cache lines from memory, a {what}", "lines"], rows), end="\n\n")
