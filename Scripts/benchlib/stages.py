"""What each stage of a report by several threads costs, and how far more cores can help.

Two beginnings of a mix are read under callgrind; their difference is what more frames cost, without
what a run costs anyhow. One thread at a time walks over record headers and merges; the other stages
are divided. Instructions stand for time: what cores wait for each other's memory is not in it.
"""

import os

from . import callgrind, inputs, tables
from .measuring import BenchError

# Frames of the two captures.
FRAMES = 500_000
CORES = [1, 2, 4, 8, 16, 32]
# Stages that threads share, by what their functions are called in the binary.
SERIAL, DIVIDED = "one thread at a time", "all threads"
STAGES = [
    ("walk over record headers", "9BatchRingC4walk", SERIAL),
    ("decode, and find the shard", "10FrameBatchV6decode", DIVIDED),
    ("track", "8Tracking7TrackerV7receive", DIVIDED),
    ("connections at the end", "12ClosingShard", DIVIDED),
]


def run(programs, directory, show, scale=1):
    """Prints the costs of a frame and what they allow."""
    show("making mix")
    numbers = {"connections": 2000} if scale > 1 else {}
    capture = inputs.make(programs, directory, "mix", **numbers)
    frames = min(FRAMES, capture.packets // 2)
    first = _costs(programs, directory, capture, frames, show)
    second = _costs(programs, directory, capture, 2 * frames, show)
    costs = [(new - old) / frames for old, new in zip(first, second, strict=True)]
    rest = costs[-1] - sum(costs[:-1])
    stages = [(name, cost, by) for (name, _, by), cost in zip(STAGES, costs, strict=False)]
    stages.append(("the rest: numbers, merging, the report", rest, SERIAL))
    rows = [[name, f"{cost:.0f}", f"{cost / costs[-1]:.1%}", by] for name, cost, by in stages]
    print(tables.table(["stage", "instructions a frame", "share", "by"], rows), end="\n\n")
    walk = stages[0][1]
    rows = []
    for cores in CORES:
        # Stages overlap, but for what is left when all frames are read.
        time = max(walk, (costs[-1] - rest) / cores) + rest
        rows.append([cores, f"{costs[-1] / time:.1f}"])
    print(tables.table(["cores", "times as fast as one, at most"], rows), end="\n\n")
    print(f"No number of cores is more than {costs[-1] / (walk + rest):.1f} times as fast.")


def _costs(programs, directory, capture, frames, show):
    """Instructions of each stage, and of the whole run."""
    show(f"stages: {frames:,} frames")
    head = inputs.head(capture, frames)
    binary = callgrind.without_debug_information(programs.wirestate, directory)
    total, functions = callgrind.inclusive([binary, "report", "--threads", "2", head.path])
    os.remove(head.path)
    costs = []
    for name, symbol, _ in STAGES:
        found = [cost for function, cost in functions.items() if symbol in function]
        if not found:
            raise BenchError(f"no function of the stage '{name}' is in the binary")
        costs.append(max(found))
    return [*costs, total]
