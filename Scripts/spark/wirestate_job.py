#!/usr/bin/env python3
"""Analyses a lake of captures with Apache Spark: the results are those of one process for each tap.

usage: spark-submit wirestate_job.py --lake LAKE --out OUT [--work WORK] [option…]

LAKE/tap=NAME/dt=YYYY-MM-DD/hour=HH/*.pcap[ng][.gz|.zst] are the captures. OUT gets
    {connections,transitions,findings}/tap=…/day=…/hour=…/*.parquet  the schemas of Scripts/lake
    states_by_minute/tap=…/day=…/hour=…/*.parquet                    minute, state, count
    reports/tap=…/report.{json,txt}                                  what `wirestate report` prints
WORK, OUT/_work unless it is given, holds shards and parts: every executor has to see it, and OUT,
under the same path. Captures may be on any file system that Hadoop lists and Arrow reads.

A task is one run of the command: `split` of a file, `part` of a shard, `merge` of a tap. What it
writes takes its place when it is complete, so that a task that is run again, or twice at once,
leaves the same.

With --resume, WORK keeps a checkpoint of each shard: the next run splits and tracks the captures
that have come since, in the order of time, and its results are those of one process over all.
"""

import argparse
import importlib.machinery
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

SUFFIXES = (".pcap", ".pcapng", ".cap", ".gz", ".zst")


def lake_module():
    """Scripts/lake, which has the tables' schemas: where `--files` puts it, or above this file."""
    here = Path(__file__).resolve().parent
    path = next(p for p in (Path("lake"), here.parent / "lake") if p.is_file())
    loader = importlib.machinery.SourceFileLoader("wirestate_lake", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


# Tasks


def run(command, damaged=False):
    """What a command prints.

    Captures that are damaged are used as far as they go: that is exit code 3, with a result.
    """
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0 and not (damaged and done.returncode == 3 and done.stdout):
        raise RuntimeError(
            f"{' '.join(command[:3])} …: exit code {done.returncode}: {done.stderr[-1000:]}"
        )
    return done.stdout


def local(path, folder):
    """A file under a path of this machine: itself, or a copy of what Arrow's file systems fetch."""
    if "://" not in path and not path.startswith("file:"):
        return path
    if path.startswith("file:"):
        return "/" + path.removeprefix("file:").lstrip("/")
    from pyarrow import fs

    system, name = fs.FileSystem.from_uri(path)
    copy = os.path.join(folder, os.path.basename(name))
    with system.open_input_stream(name, compression=None) as source:
        with open(copy, "wb") as target:
            shutil.copyfileobj(source, target)
    return copy


def split(task):
    """Splits files that overlap, or one; returns when they begin and end, and the shards' sizes."""
    with tempfile.TemporaryDirectory() as folder:
        files = [local(f, folder) for f in task["files"]]
        command = [task["binary"], "split", "--json", "--shards", str(task["shards"])]
        return json.loads(run([*command, "--out", task["out"], *files], damaged=True))


def part(task):
    """Tracks a shard of all files of a tap, or of those after a checkpoint."""
    command = [task["binary"], "part", "--transitions", "--shard", str(task["shard"])]
    for flag in ("resume", "checkpoint"):
        if task.get(flag):
            command += [f"--{flag}", task[flag]]
    run([*command, "--out", task["out"], *task["folders"]])
    return {"bytes": os.path.getsize(task["out"])}


def merge(task):
    """Merges a tap's parts to its report, and writes its findings."""
    command = [task["binary"], "merge", "--all"]
    reports = {
        "json": run([*command, "--json", *task["parts"]], task["damaged"]),
        "txt": run([*command, *task["parts"]], task["damaged"]),
    }
    os.makedirs(task["report"], exist_ok=True)
    for name, text in reports.items():
        # The name is the task's own until the file is whole.
        with tempfile.NamedTemporaryFile("w", dir=task["report"], prefix=".", delete=False) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, os.path.join(task["report"], f"report.{name}"))
    rows = (json.loads(line).get("finding") for line in reports["json"].splitlines())
    write("findings", (r for r in rows if r is not None), task, "findings")
    return {}


def rows(task):
    """Writes a shard's connections and transitions; returns the ends in each state by minute."""
    for table in ("connections", "transitions"):
        write(table, printed(task, table), task, f"shard-{task['shard']:03}")
    counts = []
    for sample in printed(task, "states"):
        for state, count in sample["states"].items():
            counts.append([sample["ts"], state, count])
    return {"states": counts}


def printed(task, what):
    """The rows of a shard, one after the other."""
    command = [task["binary"], "merge", "--json", "--print", what]
    command += ["--shard", str(task["shard"]), *task["parts"]]
    with tempfile.TemporaryFile("w+") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
            for line in process.stdout:
                yield json.loads(line)
        if process.returncode not in ((0, 3) if task["damaged"] else (0,)):
            errors.seek(0)
            raise RuntimeError(f"{what}: {errors.read()[-1000:]}")


def write(table, rows, task, name):
    """Writes rows in files of the task's own names, which take their places when complete."""
    out = Path(task["tables"]) / table / f"tap={task['tap']}"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=task["tables"], prefix="_") as folder:
        lake_module().write(table, rows, folder, name)
        places = set()
        for file in Path(folder).rglob("*.parquet"):
            place = out / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, place)
            places.add(place)
    # What an earlier run had in other hours: a finding may have become older.
    for file in set(out.rglob(f"{name}-*.parquet")) - places:
        file.unlink(missing_ok=True)


ACTIONS = {"split": split, "part": part, "merge": merge, "rows": rows}


def perform(task):
    """Runs a task, and returns it with its result."""
    return task, ACTIONS[task["do"]](task)


# The driver


class Job:
    """One run over a lake."""

    def __init__(self, spark, options):
        self.spark = spark
        self.options = options
        self.out = options.out.rstrip("/")
        self.work = (options.work or self.out + "/_work").rstrip("/")

    def tasks(self, what, tasks):
        """Runs tasks, each in a partition, the largest first; returns pairs of task and result."""
        tasks = sorted(tasks, key=lambda task: -task.get("size", 0))
        for task in tasks:
            task["binary"] = self.options.binary
        self.spark.sparkContext.setJobDescription(f"{what}: {len(tasks)} tasks")
        return self.spark.sparkContext.parallelize(tasks, len(tasks)).map(perform).collect()

    def captures(self):
        """The captures by tap, with their sizes, in the order of their names."""
        jvm = self.spark._jvm.org.apache.hadoop.fs
        root = jvm.Path(self.options.lake)
        system = root.getFileSystem(self.spark._jsc.hadoopConfiguration())
        found = defaultdict(list)
        walk = system.listFiles(root, True)
        while walk.hasNext():
            status = walk.next()
            path = status.getPath().toString()
            keys = dict(w.split("=", 1) for w in path.split("/") if "=" in w)
            if "tap" in keys and path.endswith(SUFFIXES):
                found[keys["tap"]].append((path, status.getLen()))
        return {tap: sorted(files) for tap, files in sorted(found.items())}

    def state(self, tap):
        """What the last run with --resume left: the captures it has read, and its checkpoints."""
        path = Path(f"{self.work}/checkpoints/tap={tap}/state.json")
        if self.options.resume and path.is_file():
            return json.loads(path.read_text())
        return {"files": [], "damaged": False, "checkpoints": None}

    def leave(self, tap, state, old):
        """Notes that all checkpoints of a tap are complete, and removes the old ones."""
        folder = Path(f"{self.work}/checkpoints/tap={tap}")
        new = folder / "state.json.new"
        new.write_text(json.dumps(state))
        os.replace(new, folder / "state.json")
        if old and old != state["checkpoints"]:
            shutil.rmtree(old, ignore_errors=True)

    def split(self, captures):
        """Splits all files; those that overlap in time are split again, together.

        Returns by tap the folders, in order, and whether a file is damaged.
        """
        groups = {tap: [([path], size) for path, size in files] for tap, files in captures.items()}
        known = {}
        while True:
            todo = []
            for tap, pieces in groups.items():
                for index, (files, size) in enumerate(pieces):
                    if (tap, tuple(files)) not in known:
                        name = f"{self.known[tap]}-{len(files)}-{index:05}"
                        folder = f"{self.work}/split/tap={tap}/{name}"
                        os.makedirs(folder, exist_ok=True)
                        todo.append(
                            {
                                "do": "split",
                                "tap": tap,
                                "files": files,
                                "size": size,
                                "shards": self.options.shards,
                                "out": folder,
                            }
                        )
            if not todo:
                break
            for task, result in self.tasks("split", todo):
                known[task["tap"], tuple(task["files"])] = (task["out"], result)
            groups = {
                tap: joined(pieces, lambda files, tap=tap: known[tap, tuple(files)][1])
                for tap, pieces in groups.items()
            }
        folders, damaged = {}, {}
        for tap, pieces in groups.items():
            results = [known[tap, tuple(files)] for files, _ in pieces]
            folders[tap] = [folder for folder, _ in results]
            damaged[tap] = any(r["problems"] for _, r in results)
            sizes = [
                sum(sizes) for sizes in zip(*([s["size"] for s in r["shards"]] for _, r in results))
            ]
            packets = sum(s["frames"] for _, r in results for s in r["shards"])
            middle = sorted(sizes)[len(sizes) // 2]
            print(
                f"tap {tap}: {len(pieces)} splits, {packets} packets, {sum(sizes)} bytes in"
                f" shards: largest {max(sizes)}, median {middle}",
                file=sys.stderr,
            )
        return folders, damaged

    def analyse(self):
        captures = self.captures()
        if not captures:
            raise SystemExit(f"wirestate_job: {self.options.lake}: no tap=…/…/*.pcap[ng] in it")
        states = {tap: self.state(tap) for tap in captures}
        for tap, state in states.items():
            known = set(state["files"])
            captures[tap] = [(f, size) for f, size in captures[tap] if f not in known]
            if not captures[tap]:
                print(f"tap {tap}: no capture has come since the last run", file=sys.stderr)
                del captures[tap]
        if not captures:
            return
        # How many captures there were before: the names of folders are new ones.
        self.known = {tap: len(states[tap]["files"]) for tap in captures}
        folders, damaged = self.split(captures)
        for tap in damaged:
            damaged[tap] = damaged[tap] or states[tap]["damaged"]
        later = {}
        if self.options.resume:
            for tap, files in captures.items():
                count = self.known[tap] + len(files)
                later[tap] = f"{self.work}/checkpoints/tap={tap}/{count:06}"
                os.makedirs(later[tap], exist_ok=True)
        shards = range(self.options.shards)
        parts = {tap: [f"{self.work}/parts/tap={tap}/{n:03}" for n in shards] for tap in folders}
        for tap in parts:
            os.makedirs(f"{self.work}/parts/tap={tap}", exist_ok=True)
        self.tasks(
            "part",
            [
                {
                    "do": "part",
                    "shard": shard,
                    "folders": folders[tap],
                    "out": parts[tap][shard],
                    "resume": self.checkpoint(states[tap]["checkpoints"], shard),
                    "checkpoint": self.checkpoint(later.get(tap), shard),
                    "size": sum(
                        os.path.getsize(f"{f}/shard-{shard:03}.pcapng.zst") for f in folders[tap]
                    ),
                }
                for tap in folders
                for shard in shards
            ],
        )

        def of(tap, **others):
            common = {"tap": tap, "tables": self.out, "parts": parts[tap]}
            return {**common, "damaged": damaged[tap], **others}

        self.tasks(
            "merge",
            [of(tap, do="merge", report=f"{self.out}/reports/tap={tap}") for tap in parts],
        )
        done = self.tasks(
            "rows",
            [of(tap, do="rows", shard=shard) for tap in parts for shard in shards],
        )
        self.write_states(done)
        for tap, folder in later.items():
            files = states[tap]["files"] + [file for file, _ in captures[tap]]
            state = {"files": files, "damaged": damaged[tap], "checkpoints": folder}
            self.leave(tap, state, states[tap]["checkpoints"])
        if self.options.keep:
            return
        for folder in ("split", "parts"):
            shutil.rmtree(f"{self.work}/{folder}", ignore_errors=True)
        if not self.options.resume:
            shutil.rmtree(self.work, ignore_errors=True)

    @staticmethod
    def checkpoint(folder, shard):
        """The checkpoint of a shard in a folder; None without one."""
        return f"{folder}/{shard:03}" if folder else None

    def write_states(self, done):
        """Adds the shards' counts of states up, and writes them."""
        counts = [
            (task["tap"], time, state, count)
            for task, result in done
            for time, state, count in result["states"]
        ]
        self.spark.sparkContext.setJobDescription("states by minute")
        frame = self.spark.createDataFrame(
            counts, "tap string, ns bigint, state string, count bigint"
        )
        frame = (
            frame.groupBy("tap", "ns", "state")
            .agg(F.sum("count").alias("count"))
            .withColumn("minute", F.expr("timestamp_micros(ns div 1000)"))
            .withColumn("day", F.date_format("minute", "yyyy-MM-dd"))
            .withColumn("hour", F.date_format("minute", "HH"))
            .select("minute", "state", "count", "tap", "day", "hour")
        )
        frame.write.mode("overwrite").option("compression", "zstd").partitionBy(
            "tap", "day", "hour"
        ).parquet(f"{self.out}/states_by_minute")


def joined(pieces, result):
    """Pieces in the order of time, those that overlap in one.

    A piece without frames stays behind the one before it.
    """
    groups = []
    last = None
    for files, size in sorted_by_time(pieces, result):
        first, end = result(files)["first_seen"], result(files)["last_seen"]
        if groups and last is not None and first is not None and first < last:
            files, size = groups[-1][0] + files, groups[-1][1] + size
            groups.pop()
        groups.append((files, size))
        last = max(t for t in (last, end) if t is not None) if last or end else None
    return groups


def sorted_by_time(pieces, result):
    keyed = []
    before = 0
    for index, piece in enumerate(pieces):
        first = result(piece[0])["first_seen"]
        before = before if first is None else first
        keyed.append((before, index, piece))
    return [piece for _, _, piece in sorted(keyed)]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lake", required=True, help="where the captures are")
    parser.add_argument("--out", required=True, help="where tables and reports go")
    parser.add_argument("--work", help="for shards and parts, seen by every executor")
    parser.add_argument("--shards", type=int, default=64, help="shards of a tap")
    parser.add_argument("--binary", default="wirestate", help="the command")
    parser.add_argument(
        "--resume", action="store_true", help="go on from the last run, and leave checkpoints"
    )
    parser.add_argument("--keep", action="store_true", help="keep shards and parts")
    options = parser.parse_args()
    spark = (
        SparkSession.builder.appName("wirestate")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.sources.partitionOverwriteMode", "dynamic")
        .getOrCreate()
    )
    try:
        Job(spark, options).analyse()
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
