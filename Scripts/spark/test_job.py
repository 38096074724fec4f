#!/usr/bin/env python3
"""Runs the Spark job over a lake made of the bundled captures: one process per tap gives the same.

usage: test_job.py WIRESTATE CAPTURES

The lake has two taps of three hours: rotated files, some packed, one of them cut. The last hour
comes when the first two are done: the job goes on from its checkpoints. One task is killed on
purpose then, with the worker that runs it: Spark runs it again. The tables are read back by
DuckDB, another program than the one that wrote them. Needs what `Scripts/setup spark` installs.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
SHARDS = 3
# By tap: capture, and the hour that it is moved to. A capture in two hours is cut in the middle.
TAPS = {
    "core": [("incident.pcapng", [1, 2]), ("half-close-working.pcapng", [3])],
    "edge": [
        ("close-wait-leak.pcap", [1]),
        ("port-reuse.pcap", [2]),
        ("zero-window-stall.pcap", [3]),
    ],
}
DAY = "2026-03-01"
# 2026-03-01 00:10:00 UTC.
START = 1_772_323_800


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_lake(lake, captures, scratch):
    """Writes the captures, moved in time, rotated and packed. Returns the files by tap."""
    for tap, captures_of_tap in TAPS.items():
        for name, hours in captures_of_tap:
            source = captures / name
            info = tool("capinfos", "-T", "-r", "-a", "-e", "-c", "-S", source).split()
            first, count = float(info[2]), int(info[1])
            each = -(-count // len(hours))
            for index, hour in enumerate(hours):
                folder = lake / f"tap={tap}" / f"dt={DAY}" / f"hour={hour:02}"
                folder.mkdir(parents=True, exist_ok=True)
                moved = scratch / f"{tap}-{hour}.pcapng"
                shift = str(START + 3600 * hour - int(first))
                frames = f"{index * each + 1}-{min(count, (index + 1) * each)}"
                tool("editcap", "-t", shift, "-r", source, moved, frames)
                # Rotated: files of at most 700 frames.
                tool("editcap", "-c", "700", moved, folder / f"{tap}.pcapng")
    # The first capture of this tap stays as it is, but for its end.
    cut = min(lake.glob("tap=edge/**/*.pcapng"))
    os.truncate(cut, cut.stat().st_size - 10)
    files = sorted(file for file in lake.rglob("*.pcapng") if file != cut)
    for index, file in enumerate(files):
        if index % 3 == 1:
            with gzip.open(f"{file}.gz", "wb") as packed:
                packed.write(file.read_bytes())
            file.unlink()
        elif index % 3 == 2:
            tool("zstd", "-q", "--rm", file)
    return {tap: sorted(str(f) for f in (lake / f"tap={tap}").rglob("*.pcapng*")) for tap in TAPS}


def killing(binary, folder):
    """A command that once, when shard 1 is tracked, kills the worker that runs it."""
    wrapper = folder / "wirestate"
    wrapper.write_text(
        f"""#!/bin/bash
if [[ $1 == part && " $* " == *" --shard 1 "* ]] && mkdir '{folder}/killed' 2>/dev/null; then
    kill -9 $PPID
    sleep 1
fi
exec '{binary}' "$@"
"""
    )
    wrapper.chmod(0o755)
    return wrapper


def run_job(lake, out, wrapper):
    environment = {
        **os.environ,
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    submit = Path(sys.executable).with_name("spark-submit")
    command = [submit, "--master", "local[2,4]"]
    command += ["--conf", "spark.ui.enabled=false", "--conf", "spark.log.level=WARN"]
    command += [HERE / "wirestate_job.py", "--lake", lake, "--out", out]
    command += ["--shards", str(SHARDS), "--binary", wrapper, "--resume"]
    done = subprocess.run(
        [str(c) for c in command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    for line in done.stderr.splitlines():
        if line.startswith("tap "):
            print(line)
    if done.returncode != 0:
        kept = (done.stdout + done.stderr).splitlines()
        print("\n".join(kept[-80:]), file=sys.stderr)
        raise SystemExit(f"test_job: the job failed: {done.returncode}")


def lines(binary, *arguments):
    done = subprocess.run([binary, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout


def nanoseconds(binary, files, table):
    """The rows of one process, as (time, stream, frame)."""
    _, text = lines(binary, table, "--json", *files)
    time = {"connections": "first_seen", "transitions": "ts"}[table]
    frame = {"connections": "first_frame", "transitions": "frame"}[table]
    rows = map(json.loads, text.splitlines())
    return sorted((r[time], r["stream"], r["connection"], r[frame]) for r in rows)


def compare_reports(binary, files, out):
    for tap, paths in files.items():
        report = out / "reports" / f"tap={tap}"
        code, text = lines(binary, "report", "--json", "--all", *paths)
        assert code == (3 if tap == "edge" else 0), f"{tap}: exit code {code}"
        assert (report / "report.json").read_text() == text, f"{tap}: another report"
        _, text = lines(binary, "report", "--all", *paths)
        assert (report / "report.txt").read_text() == text, f"{tap}: another report"
        print(f"{tap}: the report of {len(paths)} captures is that of one process")


def compare(binary, files, out):
    compare_reports(binary, files, out)
    for tap, paths in files.items():
        for table, time, frame in (
            ("connections", "first_seen", "first_frame"),
            ("transitions", "ts", "frame"),
        ):
            files_of_table = f"{out}/{table}/tap={tap}/**/*.parquet"
            found = duckdb.sql(
                f"SELECT epoch_ns({time}), stream, connection, {frame}, "
                f"strftime({time}::TIMESTAMP, '%Y-%m-%d') = day, hour "
                f"FROM read_parquet('{files_of_table}', hive_partitioning = true, "
                "hive_types = {'day': VARCHAR, 'hour': VARCHAR})"
            ).fetchall()
            wanted = nanoseconds(binary, paths, table)
            assert sorted(row[:4] for row in found) == wanted, f"{tap}: other {table}"
            assert all(row[4] for row in found), f"{tap}: {table} in another day"
            print(f"{tap}: {len(found)} {table} as in one process")
        states = duckdb.sql(
            "SELECT epoch_ns(minute) AS ts, state, count FROM "
            f"read_parquet('{out}/states_by_minute/tap={tap}/**/*.parquet')"
        ).fetchall()
        first = min(row[0] for row in states)
        at = datetime.fromtimestamp(first / 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        _, text = lines(
            binary, "netstat", "--histogram", "--json", "--every", "60s",
            "--at", at, *paths,
        )  # fmt: skip
        wanted = sorted(
            (row["ts"], state, count)
            for row in map(json.loads, text.splitlines())
            for state, count in row["states"].items()
        )
        assert sorted(states) == wanted, f"{tap}: other states"
        print(f"{tap}: {len(states)} counts of states as in one process")
        _, text = lines(binary, "report", "--json", "--all", *paths)
        wanted = sum('"finding":' in line[:20] for line in text.splitlines())
        count = duckdb.sql(
            f"SELECT count(*) FROM read_parquet('{out}/findings/tap={tap}/**/*.parquet')"
        ).fetchall()[0][0]
        assert count == wanted > 0, f"{tap}: {count} findings, not {wanted}"
        print(f"{tap}: {count} findings as in one process")


def main():
    binary, captures = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
    folder = Path(tempfile.mkdtemp(prefix="wirestate-spark-"))
    try:
        lake, out = folder / "lake", folder / "out"
        files = make_lake(lake, captures, folder)
        last = [lake / f"tap={tap}" / f"dt={DAY}" / "hour=03" for tap in TAPS]
        for hour in last:
            hour.rename(folder / hour.parent.parent.name)
        run_job(lake, out, binary)
        early = {tap: [f for f in paths if "hour=03" not in f] for tap, paths in files.items()}
        compare_reports(binary, early, out)
        for hour in last:
            (folder / hour.parent.parent.name).rename(hour)
        print("the last hour has come")
        (folder / "bin").mkdir()
        run_job(lake, out, killing(binary, folder / "bin"))
        assert (folder / "bin" / "killed").is_dir(), "no task was killed"
        print("one task was killed, and run again")
        compare(binary, files, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
