"""What a case is, and what most of them do."""

import dataclasses

from ..scenes import drop_at

SERVICE, OTHER, PULSE = 8080, 80, 22
CASES = {}


@dataclasses.dataclass
class Case:
    """One recording: what happens, at which taps it is kept, and what must be found there."""

    name: str
    play: object
    expected: list
    taps: tuple
    setting: dict
    path: object
    loss: float
    only_from: str | None

    @property
    def description(self):
        return " ".join(self.play.__doc__.split())


def case(name, expected=(), taps=("server",), loss=0.0, path=None, only_from=None, **setting):
    """Registers a case. `expected` are pairs of a diagnosis and the side at fault; a benign one
    has no side. `only_from` keeps one direction only. Loss and other taps make a case of
    their own."""

    def register(play):
        CASES[name] = Case(name, play, list(expected), taps, setting, path, loss, only_from)
        return play

    return register


def plain(play, text):
    play.__doc__ = text
    return play


def listeners(recording, **options):
    return {4: recording.listen(4, SERVICE, **options), 6: recording.listen(6, SERVICE, **options)}


def rest(seconds):
    """How long the capture goes on after the last event."""
    return {"settling_time": seconds}


def drop_host(recording, gone):
    drop_at(
        recording.hosts["client"],
        ("input", f"ip daddr {gone[4]}"),
        ("output", f"ip saddr {gone[4]}"),
        ("input", f"ip6 daddr {gone[6]}"),
        ("output", f"ip6 saddr {gone[6]}"),
    )
