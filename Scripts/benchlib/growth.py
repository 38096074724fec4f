"""Time per packet as connections and packets grow."""

from . import inputs, measuring, tables
from .measuring import Contender

PACKETS_OF_ALL = 40_000_000
CONNECTIONS = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
PACKETS = [1_000_000, 10_000_000, 100_000_000]
CONNECTIONS_OF_ALL = 10_000
# Nobody is to be evicted.
ROOM = ["--max-connections", str(1 << 24)]


def run(programs, directory, rounds, show, scale=1):
    """The table; `scale` makes everything smaller by that factor."""
    points = [(count, PACKETS_OF_ALL) for count in CONNECTIONS]
    points += [(CONNECTIONS_OF_ALL, count) for count in PACKETS]
    rows = []
    for point in points:
        connections, packets = (max(1, count // scale) for count in point)
        show(f"growth: {connections} connections, {packets} packets")
        capture = inputs.make(
            programs, directory, "flows", connections=connections, packets=packets)
        contenders = [
            Contender("one", programs.report(capture.path, *ROOM, "--threads", "1")),
            Contender("all", programs.report(capture.path, *ROOM)),
            Contender("table", programs.baseline("mmaphash", capture.path)),
        ]
        costs = measuring.measure(contenders, rounds, show)
        inputs.remove(capture)
        rows.append(
            [f"{connections:,}", f"{packets:,}",
             *(costs[name].failure or f"{costs[name].wall / packets * 1e9:.0f}" for name in costs),
             tables.size(costs["all"].private),
             f"{costs['all'].private / connections:,.0f}"])
    head = ["connections", "packets", "ns a packet, 1 thread", "all cores", "`mmaphash`",
            "private MiB", "bytes a connection"]
    return tables.table(head, rows)
