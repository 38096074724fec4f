"""What the laboratory records to measure accuracy: families of workloads, by topic.

A workload is a function of a recording and a number of connections; its docstring
describes it. Importing this package registers all of them, in a fixed order.
"""

import importlib

from .registry import WORKLOADS

__all__ = ["WORKLOADS"]

TOPICS = (
    "closing",
    "resets",
    "opening",
    "failing",
    "losing",
    "bulk",
    "crafted",
    "middle",
    "mixtures",
    "tools",
    "translated",
    "proxied",
    "dying",
    "sockets",
    "rough",
    "glimpses",
    "lwip",
)

for topic in TOPICS:
    importlib.import_module(f".{topic}", __name__)
