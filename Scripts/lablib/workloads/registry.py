"""The list of workloads."""

import dataclasses
import sys

from ..forwarder import Path
from ..recording import Setting

WORKLOADS = {}


@dataclasses.dataclass
class Workload:
    name: str
    play: object
    count: int
    setting: Setting
    index: int
    missing: object

    @property
    def family(self):
        """The topic it belongs to: the name of its module."""
        return self.play.__module__.rsplit(".", 1)[1]

    @property
    def family_description(self):
        return sys.modules[self.play.__module__].__doc__.strip().rstrip(".")

    @property
    def description(self):
        return " ".join(self.play.__doc__.split())


def workload(name, count=40, delay=(0.001, 0.005), path=None, missing=lambda: None, **settings):
    """Registers a workload of `count` connections.

    `path` makes the path between the hosts from the recording; without it there is
    one of that `delay` (seconds, one way) and no loss. `missing` tells in words what
    this host lacks to play it.
    """

    def plain_path(recording):
        return Path(recording.seed, recording.scaled(*delay))

    def register(play):
        setting = Setting(path=path or plain_path, **settings)
        WORKLOADS[name] = Workload(name, play, count, setting, len(WORKLOADS), missing)
        return play

    return register
