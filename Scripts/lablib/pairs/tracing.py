"""A forwarder that writes down what it does with every segment: the truth about the path."""

import hashlib
import json

from ..forwarder import Forwarder

# What of a frame every capture has, whatever its snapshot length.
KNOWN_BYTES = 90


def digest(frame, length=None):
    """A frame's name: its first bytes, checksums included, and its length on the wire."""
    name = hashlib.blake2b(frame[:KNOWN_BYTES], digest_size=12).hexdigest()
    return f"{name}.{length or len(frame)}"


class TracedFrame(bytes):
    """A frame that knows which received segment it is a copy of; None for a box's own."""

    origin = None


class TracingPath:
    """A path whose passages carry traced frames."""

    def __init__(self, path, say):
        self._path, self._say = path, say
        self._count, self._numbers = 0, {}

    def passages(self, segment, direction, is_cut):
        self._count += 1
        number = self._count
        name = digest(segment.frame)
        self._numbers[name] = number
        self._say({"received": number, "way": direction, "digest": name})
        passages = self._path.passages(segment, direction, is_cut)
        has_original = any(passage.frame is None for passage in passages)
        for passage in passages:
            is_own = passage.frame is not None and has_original
            is_made = passage.turns_back or passage.is_made or is_own
            origin = None if is_made else number
            if passage.copy_of is not None:
                origin = self._numbers.get(digest(passage.copy_of))
            passage.frame = TracedFrame(passage.frame or segment.frame)
            passage.frame.origin = origin
        return passages


class TracingForwarder(Forwarder):
    """Writes a line for every segment received and for every one sent on."""

    def __init__(self, namespace, interfaces, path, capture, cut, is_taping, log):
        self._log_path = log
        self._log = None
        super().__init__(
            namespace, interfaces, TracingPath(path, self._say), capture, cut, is_taping
        )

    def run(self, snapshot_length, is_over):
        with open(self._log_path, "w") as self._log:
            super().run(snapshot_length, is_over)

    def _say(self, line):
        self._log.write(json.dumps(line) + "\n")

    def _send(self, direction, frame):
        super()._send(direction, frame)
        if isinstance(frame, TracedFrame):
            self._say({"sent": frame.origin, "way": direction, "digest": digest(frame)})
