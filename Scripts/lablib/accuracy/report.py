"""The table of scores."""

from ..workloads import WORKLOADS
from .score import Score


class Report:
    """A table of scores, line by line, with totals at the end."""

    COLUMNS = (
        f"{'workload':27s} {'tap':6s} {'lives':>5s} {'unkn.':>5s} {'knowbl.':>7s} {'visible':>7s}"
        f" {'precis.':>7s} {'recall':>7s} {'false':>5s} {'near':>7s} {'far':>7s} {'absent':>7s}"
        f" {'time p50':>9s} {'time p99':>9s} {'bracket':>7s}"
    )

    def __init__(self):
        self.totals, self.families = {}, {}
        self.all = Score()

    def add(self, name, vantage, result):
        self.totals.setdefault(vantage, Score()).add(result)
        self.all.add(result)
        if name in WORKLOADS:
            self.families.setdefault(WORKLOADS[name].family, Score()).add(result)
        return self.line(name, vantage, result)

    def line(self, name, vantage, result):
        places = ("near", "far")
        errors = [error for place in places for error in result.errors[f"time {place}"]]
        errors.sort()
        brackets = sum(result.counts[f"brackets {place}"] for place in places)
        right = sum(result.counts[f"brackets right {place}"] for place in places)
        shares = [result.knowable, result.visible_sequence, result.precision, result.recall]
        agreement = [*(result.state_agreement(place) for place in places), result.absent]
        unknowable = result.counts["lives"] - result.counts["knowable lives"]
        return (
            f"{name:27s} {vantage:6s} {result.counts['lives']:5d} {unknowable:5d}"
            f" {' '.join(map(percent, shares))} {result.counts['false lives']:5d}"
            f" {' '.join(map(percent, agreement))}"
            f" {_microseconds(errors, 0.5)} {_microseconds(errors, 0.99)}"
            f" {percent(100 * right / brackets if brackets else None)}"
        )

    def total_lines(self):
        for family, result in sorted(self.families.items()):
            yield self.line(f"family {family}", "all", result)
        for vantage, result in sorted(self.totals.items()):
            yield self.line("total", vantage, result)
        yield self.line("total", "all", self.all)

    def detail_lines(self):
        """Per class, per state and per distance, for all captures together."""
        for name, count in sorted(self.all.counts.items(), key=str):
            if name[0] == "unknowable":
                yield f"unknowable, {name[1]}: {count} lives"
        for place in ("near", "far"):
            states = sorted(
                key[2] for key in self.all.counts if key[0] == "samples" and key[1] == place
            )
            shares = [
                f"{state} {self.all.share(('agreed', place, state), ('samples', place, state)):.2f}"
                for state in states
                if self.all.counts[("samples", place, state)]
            ]
            yield f"{place} states: " + ", ".join(shares)
            width = self.all.percentile(f"bracket width {place}", 0.5)
            covers = self.all.share(f"brackets right {place}", f"brackets {place}")
            if covers is not None:
                yield (
                    f"{place} brackets: {covers:.2f} % cover the kernel's time,"
                    f" median width {(width or 0) / 1000:.0f} us"
                )


def percent(value):
    return f"{'-':>7s}" if value is None else f"{value:7.2f}"


def _microseconds(ordered, share):
    if not ordered:
        return f"{'-':>9s}"
    value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return f"{value / 1000:6.0f} us"
