"""Processor time per packet as connections and packets grow."""

from . import callgrind, inputs, measuring, tables
from .measuring import Contender

# Connections and packets, of which each connection needs three to open.
POINTS = [
    (1_000, 10_000_000),
    (10_000, 10_000_000),
    (100_000, 10_000_000),
    (1_000_000, 10_000_000),
    (10_000_000, 40_000_000),
    (10_000, 1_000_000),
    (10_000, 100_000_000),
]
# Callgrind takes fifty times as long: it counts for captures up to so many packets.
COUNTED = 10_000_000
# Nobody is to be evicted.
ROOM = ["--max-connections", str(1 << 24)]


def run(programs, directory, rounds, show, scale=1):
    """Prints the table row by row; `scale` makes everything smaller by that factor."""
    head = [
        "connections",
        "packets",
        "instructions a packet, 1 thread",
        "CPU ns a packet, 1 thread",
        "all cores",
        "`live`",
        "`mmaphash`",
        "private MiB",
        "bytes a connection",
    ]
    print(tables.table(head, []), flush=True)
    for point in POINTS:
        connections, packets = (max(1, count // scale) for count in point)
        show(f"growth: {connections} connections, {packets} packets")
        capture = inputs.make(
            programs, directory, "flows", connections=connections, packets=packets
        )
        contenders = [
            Contender("one", programs.report(capture.path, *ROOM, "--threads", "1")),
            Contender("all", programs.report(capture.path, *ROOM)),
            Contender("live", programs.live(*ROOM), stdin=capture.path),
            Contender("table", programs.baseline("mmaphash", capture.path)),
        ]
        costs = measuring.measure(contenders, rounds, show)
        is_counted = scale == 1 and packets <= COUNTED
        instructions = _instructions(programs, directory, capture) if is_counted else None
        inputs.remove(capture)
        print(
            tables.row(
                [
                    f"{connections:,}",
                    f"{packets:,}",
                    "" if instructions is None else f"{instructions / packets:,.0f}",
                    *(
                        cost.failure or f"{cost.processor / packets * 1e9:.0f}"
                        for cost in costs.values()
                    ),
                    tables.size(costs["all"].private),
                    f"{costs['all'].private / connections:,.0f}",
                ]
            ),
            flush=True,
        )


def _instructions(programs, directory, capture):
    """What a report by one thread takes; None where valgrind is missing."""
    if callgrind.is_missing():
        return None
    binary = callgrind.without_debug_information(programs.wirestate, directory)
    return callgrind.events([binary, "report", *ROOM, "--threads", "1", capture.path])["Ir"]
