"""What a case is, and what most of them do."""

import dataclasses

from ..scenes import drop_at

SERVICE, OTHER, PULSE = 8080, 80, 22
CASES = {}


@dataclasses.dataclass(frozen=True)
class Label:
    """What must be found in a recording, and what must not be said of it.

    `expected` are tuples of a diagnosis, the side at fault (None where it is benign) and,
    where it matters, the grade and an expression for the finding's words. `rivals` maps a
    diagnosis that explains a part of the same packets to what in the file refutes it.
    `not_said` are diagnoses, or mappings of a finding's field to an expression that must
    not match. `endings` counts connections,
    `quality` is an expression that a trap of the capture must match.
    """

    expected: tuple = ()
    rivals: dict = dataclasses.field(default_factory=dict)
    not_said: tuple = ()
    endings: dict = dataclasses.field(default_factory=dict)
    quality: str | None = None
    pending: str | None = None


@dataclasses.dataclass
class Case:
    """One recording: what happens, at which taps it is kept, and what must be found there.

    `keeps` is a capture filter, `rewrite` a function from the recorded file to the stored
    one; `at` has labels for taps that show something else than the others.
    """

    name: str
    play: object
    label: Label
    taps: tuple
    loss: float
    path: object
    keeps: object
    rewrite: object
    at: dict
    setting: dict

    @property
    def description(self):
        return " ".join(self.play.__doc__.split())

    def label_at(self, tap):
        return dataclasses.replace(self.label, **self.at.get(tap, {}))


LABEL_FIELDS = {field.name for field in dataclasses.fields(Label)}


def case(
    name,
    expected=(),
    taps=("server",),
    loss=0.0,
    path=None,
    keeps=None,
    rewrite=None,
    at=None,
    **more,
):
    """Registers a case; `more` are fields of its label and settings of its recording. Loss
    and other taps make a case of their own."""
    wanted = {key: more.pop(key) for key in LABEL_FIELDS & set(more)}
    label = Label(expected=tuple(expected), **wanted)

    def register(play):
        CASES[name] = Case(name, play, label, taps, loss, path, keeps, rewrite, at or {}, more)
        return play

    return register


def plain(play, text):
    """Another description for a play that several cases share."""

    def described(recording):
        return play(recording)

    described.__doc__ = text
    return described


def listeners(recording, **options):
    return {4: recording.listen(4, SERVICE, **options), 6: recording.listen(6, SERVICE, **options)}


def rest(seconds):
    """How long the capture goes on after the last event."""
    return {"settling_time": seconds}


def only_from(side):
    """A filter that keeps one direction."""

    def words(recording):
        sides = [recording.address(side, version) for version in (4, 6)]
        return f"src host {sides[0]} or src host {sides[1]}"

    return words


def drop_host(recording, gone):
    drop_at(
        recording.hosts["client"],
        ("input", f"ip daddr {gone[4]}"),
        ("output", f"ip saddr {gone[4]}"),
        ("input", f"ip6 daddr {gone[6]}"),
        ("output", f"ip6 saddr {gone[6]}"),
    )
