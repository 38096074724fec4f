"""The table of scores."""

from ..workloads import WORKLOADS
from .score import Score

DESCRIPTIONS = {each.family: each.family_description for each in WORKLOADS.values()}


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
        errors = [error for place in ("near", "far") for error in result.errors[f"time {place}"]]
        errors.sort()
        shares = [result.knowable, result.visible_sequence, result.precision, result.recall]
        agreement = [*(result.state_agreement(place) for place in ("near", "far")), result.absent]
        unknowable = result.counts["lives"] - result.counts["knowable lives"]
        return (
            f"{name:27s} {vantage:6s} {result.counts['lives']:5d} {unknowable:5d}"
            f" {' '.join(map(percent, shares))} {result.counts['false lives']:5d}"
            f" {' '.join(map(percent, agreement))}"
            f" {_microseconds(errors, 0.5)} {_microseconds(errors, 0.99)}"
            f" {percent(result.bracket_coverage)}"
        )

    def total_lines(self):
        for family, result in sorted(self.families.items()):
            yield self.line(f"family {family}", "all", result)
        for vantage, result in sorted(self.totals.items()):
            yield self.line("total", vantage, result)
        yield self.line("total", "all", self.all)

    def markdown_lines(self):
        """The tables of the accuracy page: by tap, by family, by why a life is unknowable."""
        names = (("client", "at the client"), ("mid", "between"), ("server", "at the server"))
        taps = [(title, self.totals[tap]) for tap, title in names if tap in self.totals]
        yield (
            "| tap | endpoint lives | ceiling | of these right | precision | recall | near end |"
            " far end | no socket | bracket covers |"
        )
        yield "| --- |" + " ---: |" * 9
        for title, result in [*taps, ("all", self.all)]:
            shares = [result.ceiling, result.knowable, result.precision, result.recall]
            shares += [result.state_agreement("near"), result.state_agreement("far")]
            shares += [result.absent, result.bracket_coverage]
            yield _row(title, f"{result.counts['lives']:,}", *map(_share, shares))
        yield ""
        yield "| workloads | endpoint lives | ceiling | of these right | false lives |"
        yield "| --- |" + " ---: |" * 4
        for family, result in self.families.items():
            shares = [_share(result.ceiling), _share(result.knowable)]
            counts = [f"{result.counts[name]:,}" for name in ("lives", "false lives")]
            yield _row(DESCRIPTIONS[family], counts[0], *shares, counts[1])
        yield ""
        yield "| why no packet at the tap tells a life | lives |"
        yield "| --- | ---: |"
        for name, count in sorted(self.all.counts.items(), key=str):
            if name[0] == "unknowable":
                yield _row(name[1], f"{count:,}")

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


def _row(*cells):
    return f"| {' | '.join(cells)} |"


def _share(value):
    return "" if value is None else f"{value:.2f} %"


def percent(value):
    return f"{'-':>7s}" if value is None else f"{value:7.2f}"


def _microseconds(ordered, share):
    if not ordered:
        return f"{'-':>9s}"
    value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return f"{value / 1000:6.0f} us"
