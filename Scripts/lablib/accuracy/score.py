"""Counts of agreement, and what is computed from them."""

import collections
import dataclasses


@dataclasses.dataclass
class Mismatch:
    """A life whose visible sequence is not the kernel's; `unknowable` tells why none could be."""

    side: str
    key: tuple
    kernel: list
    predicted: list
    unknowable: str | None = None


class Score:
    """Counts and errors; scores of several captures can be added up."""

    def __init__(self):
        self.counts = collections.Counter()
        self.errors = collections.defaultdict(list)
        self.mismatches = []

    def add(self, other):
        self.counts.update(other.counts)
        for name, values in other.errors.items():
            self.errors[name].extend(values)
        self.mismatches.extend(other.mismatches)

    def worst(self, count):
        """Up to `count` wrong lives, those first that could have been known."""
        return sorted(self.mismatches, key=lambda one: one.unknowable is not None)[:count]

    def share(self, part, whole):
        """A share in percent, or None of nothing."""
        return 100 * self.counts[part] / self.counts[whole] if self.counts[whole] else None

    @property
    def visible_sequence(self):
        return self.share("visible sequences right", "lives")

    @property
    def knowable(self):
        """The share of the lives that the packets tell whose visible sequence is right."""
        return self.share("knowable lives right", "knowable lives")

    @property
    def ceiling(self):
        """The share of the lives that the packets tell."""
        return self.share("knowable lives", "lives")

    @property
    def bracket_coverage(self):
        """The share of the exactly known transitions whose bracket holds the kernel's time."""
        total = self.counts["brackets near"] + self.counts["brackets far"]
        right = self.counts["brackets right near"] + self.counts["brackets right far"]
        return 100 * right / total if total else None

    @property
    def precision(self):
        return self.share("visible matches", "visible predictions")

    @property
    def recall(self):
        return self.share("visible matches", "visible transitions")

    @property
    def absent(self):
        """The share of the samples without a socket at which none is predicted."""
        return self.share("absent samples agreed", "absent samples")

    def state_agreement(self, distance):
        """The mean over the states of the share of samples agreed on; near or far."""
        shares = []
        for name, total in self.counts.items():
            if name[0] == "samples" and name[1] == distance and total:
                shares.append(self.counts[("agreed", *name[1:])] / total)
        return 100 * sum(shares) / len(shares) if shares else None

    def percentile(self, name, share):
        values = sorted(self.errors[name])
        return values[min(len(values) - 1, int(share * len(values)))] if values else None
