"""Other programs that take captures apart, as far as they are installed."""

import dataclasses
import importlib.util
import shutil
import sys

from .measuring import Contender, Limits

LIMITS = Limits(seconds=60, bytes=8 << 30)

# nfstream has no command of its own.
NFSTREAM = "import nfstream, sys\nfor _ in nfstream.NFStreamer(source=sys.argv[1]): pass\n"


@dataclasses.dataclass
class Peer:
    """A program, the Debian or Python package it comes from, its command without the file.

    `is_slow`: it is given the first packets only.
    """

    name: str
    package: str
    command: list
    is_slow: bool = False

    @property
    def missing(self):
        """Why it cannot be run, in words, or None."""
        if self.command[0] == sys.executable:
            if importlib.util.find_spec(self.name) is None:
                return f"not installed (pip install {self.package})"
        elif shutil.which(self.command[0]) is None:
            return f"not installed (apt-get install {self.package})"
        return None

    def contender(self, path):
        return Contender(self.name, [*self.command, path], LIMITS)


PEERS = [
    Peer("argus", "argus-server", ["argus", "-w", "/dev/null", "-r"]),
    Peer("ndpiReader", "libndpi-bin", ["ndpiReader", "-q", "-i"]),
    Peer("tcptrace", "tcptrace", ["tcptrace", "-n"]),
    Peer("tshark", "tshark", ["tshark", "-n", "-q", "-z", "conv,tcp", "-r"], is_slow=True),
    Peer("nfstream", "nfstream", [sys.executable, "-c", NFSTREAM], is_slow=True),
]
