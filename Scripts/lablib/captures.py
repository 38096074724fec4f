"""Records a scene and keeps what Captures/ holds of it: one capture and its side files."""

import json
import os
import shutil
import tempfile

from . import system
from .incident import SCENES
from .recording import Recording
from .truth import history

PREFIXES = ("10.1", "2001:db8:1")
SUFFIXES = {"pcap-us": "pcap", "pcap-ns": "pcap", "pcapng": "pcapng"}


def record(name, seed, directory):
    """Records the scene `name` into `directory` and returns its description."""
    scene = SCENES[name]
    with tempfile.TemporaryDirectory(prefix="wirestate-lab-") as scratch:
        with Recording(name, scene.setting, seed, scratch, prefixes=PREFIXES) as recording:
            recording.start()
            scene.play(recording)
            meta = recording.finish()
            _store(scene, recording, meta, directory)
    return meta


def _store(scene, recording, meta, directory):
    target = os.path.join(directory, scene.name)
    capture = f"{target}.{SUFFIXES[scene.container]}"
    recorded = f"{recording.base}.{scene.vantage}.pcap"
    if scene.container == "pcapng":
        system.run("editcap", "-F", "pcapng", recorded, capture)
    else:
        shutil.copyfile(recorded, capture)
    kernel_history = history.KernelHistory(recording.base)
    kernel = history.rows(kernel_history)
    _write_lines(f"{target}.kernel.jsonl", kernel)
    recording.errors += _disagreements(kernel, recording.end_tables)
    end_keys = ("local", "remote", "endpoint", "state", "send_queue", "receive_queue")
    ends = [{key: row[key] for key in end_keys} for row in recording.end_tables]
    _write_lines(f"{target}.end.jsonl", ends)
    summary = {
        "name": scene.name,
        "description": scene.description,
        "vantage": "middle" if scene.vantage == "mid" else scene.vantage,
        "seed": recording.seed,
        "kernel": meta["kernel"].split("-")[0],
        "capture_start": meta["capture_start"],
        "capture_end": meta["end"],
        "addresses": {
            side: [
                address
                for address in recording.network.addresses().values()
                if recording.network.side_of(address) == side
            ]
            for side in ("client", "server")
        },
    }
    with open(f"{target}.json", "w") as out:
        json.dump(summary, out, indent=2)
        out.write("\n")


def _disagreements(kernel, ends):
    """Endpoints whose last logged state is not the one in the final socket table."""
    logged = {(row["local"], row["remote"]): row["to"] for row in kernel}
    shown = {(row["local"], row["remote"]): row["state"] for row in ends}
    return [
        f"{key[0]} to {key[1]}: {logged.get(key)} in the log, {shown.get(key)} in the table"
        for key in sorted(logged.keys() | shown.keys())
        if logged.get(key, "CLOSED") != shown.get(key, "CLOSED")
    ]


def _write_lines(path, rows):
    with open(path, "w") as out:
        for row in rows:
            out.write(json.dumps(row, separators=(",", ":")) + "\n")
