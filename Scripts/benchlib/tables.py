"""Results as Markdown."""

from .measuring import MIB


def table(head, rows):
    """A table whose first column is words and whose others are numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(row(line) for line in lines)


def row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def costs(results, bases):
    """A row for each program; ratios of wall time to the bases that were measured."""
    bases = [base for base in bases if base in results and not results[base].failure]
    head = ["program", "wall s", "user s", "system s", "peak MiB", "private MiB"]
    head += [f"× {base}" for base in bases]
    rows = []
    for name, cost in results.items():
        if cost.failure:
            rows.append([name, cost.failure, "", "", size(cost.peak), size(cost.private)])
            rows[-1] += [""] * len(bases)
            continue
        ratios = [f"{cost.wall / results[base].wall:.2f}" for base in bases]
        rows.append(
            [
                name,
                f"{cost.wall:.3f}",
                f"{cost.user:.3f}",
                f"{cost.system:.3f}",
                size(cost.peak),
                size(cost.private),
                *ratios,
            ]
        )
    return table(head, rows)


def size(count):
    return f"{count / MIB:,.0f}"
