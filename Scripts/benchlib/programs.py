"""The programs under test: how they are built, where they are."""

import os
import subprocess

from .measuring import BenchError


class Programs:
    """wirestate and the baselines, built in one configuration."""

    def __init__(self, root, configuration, binary=None):
        build = ["swift", "build", "--package-path", root, "-c", configuration]
        for product in ("Benchmarks",) if binary else ("wirestate", "Benchmarks"):
            done = subprocess.run([*build, "--product", product], stdout=subprocess.PIPE, text=True)
            if done.returncode != 0:
                raise BenchError(f"cannot build {product}:\n{done.stdout}")
        shown = subprocess.run([*build, "--show-bin-path"], stdout=subprocess.PIPE, text=True)
        directory = shown.stdout.strip()
        self.wirestate = binary or os.path.join(directory, "wirestate")
        self.benchmarks = os.path.join(directory, "Benchmarks")

    def report(self, path, *options):
        return [self.wirestate, "report", *options, path]

    def live(self, *options):
        return [self.wirestate, "live", "-", "--quiet", *options]

    def baseline(self, name, path):
        return [self.benchmarks, name, path]
