"""The captures: made once, kept in the scratch directory."""

import dataclasses
import hashlib
import os
import subprocess

from .measuring import BenchError, warm

# Records of the first packets, which slow programs are given instead of all.
HEAD = 500_000


@dataclasses.dataclass
class Capture:
    """A capture and what its generator says of it: a number for each name."""

    name: str
    path: str
    made: dict

    @property
    def packets(self):
        return self.made["packets"]

    @property
    def connections(self):
        return self.made["connections"]


def make(programs, directory, name, **numbers):
    """Makes a capture, or finds the one that was made the same way before."""
    label = "-".join([name, *(f"{value}" for value in numbers.values())]) if numbers else name
    path = os.path.join(directory, label + ".pcap")
    note = path + ".made"
    with open(programs.benchmarks, "rb") as generator:
        stamp = f"generator {int(hashlib.sha256(generator.read()).hexdigest()[:12], 16)}\n"
    if not os.path.exists(note) or not open(note, encoding="ascii").read().startswith(stamp):
        options = [word for key, value in numbers.items() for word in (f"--{key}", str(value))]
        command = [programs.benchmarks, "generate", name, path, *options]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise BenchError(f"cannot make {path}")
        with open(note, "w", encoding="ascii") as file:
            file.write(stamp + done.stdout)
        # What is still being written to the disk would disturb the measurements.
        os.sync()
    warm(path)
    lines = open(note, encoding="ascii").read().split("\n")
    made = {key: float(value) for key, value in (line.split() for line in lines if line)}
    return Capture(name, path, {key: int(value) for key, value in made.items()})


def head(capture, packets=HEAD):
    """The first packets of a capture, as a capture of its own."""
    path = capture.path.replace(".pcap", "-head.pcap")
    count = min(packets, capture.packets)
    with open(capture.path, "rb") as source, open(path, "wb") as target:
        target.write(source.read(24))
        for _ in range(count):
            record = source.read(16)
            target.write(record + source.read(int.from_bytes(record[8:12], "little")))
    return Capture(capture.name + "-head", path, {"packets": count, "connections": 0})


def remove(capture):
    for path in (capture.path, capture.path + ".made"):
        os.remove(path)
