"""Compares a command's account of pairs with the truth: matches, clocks, fates, verdicts."""

import collections
import dataclasses
import glob
import json
import os
import shlex
import subprocess

SERVICE = ":8080"
# A drift that nobody knows opens the bounds of short captures a little, time stamps by 1 µs.
TRIP_TOLERANCE, STAMP_TOLERANCE = 1.05, 2000
DRIFT_LIMIT = 5e-6


@dataclasses.dataclass
class Score:
    """What was right, and of how many; the first few that were wrong, in words."""

    pairs: int = 0
    matched: dict = dataclasses.field(
        default_factory=lambda: {"same": [0, 0], "translated": [0, 0]}
    )
    strangers: int = 0
    false_matches: int = 0
    clocks: list = dataclasses.field(default_factory=lambda: [0, 0])
    narrow: list = dataclasses.field(default_factory=lambda: [0, 0])
    drifts: list = dataclasses.field(default_factory=lambda: [0, 0])
    narrow_drifts: list = dataclasses.field(default_factory=lambda: [0, 0])
    fates: list = dataclasses.field(default_factory=lambda: [0, 0])
    verdicts: list = dataclasses.field(default_factory=lambda: [0, 0])
    wrong: list = dataclasses.field(default_factory=list)

    def count(self, tally, is_right, text):
        tally[0] += bool(is_right)
        tally[1] += 1
        if not is_right:
            self.wrong.append(text)


def score(directory, command, show=0, only=""):
    """Scores all pairs in a directory and prints the sums; returns whether all is right."""
    total = Score()
    paths = sorted(glob.glob(os.path.join(directory, "*.json")))
    paths = [path for path in paths if only in os.path.basename(path)]
    for path in paths:
        _score_pair(path, command, total)
    _score_strangers(paths, command, total)
    _print(total, show)
    return not total.wrong and total.pairs > 0


def _lines(command, base, label):
    words = []
    for tap, files in label["files"].items():
        names = [os.path.join(os.path.dirname(base), name) for name in files]
        words += ["--tap", f"{tap}={names[0]}", *names[1:]]
    text = command.replace("{taps}", " ".join(shlex.quote(word) for word in words))
    done = subprocess.run(text, shell=True, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{text}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _score_pair(path, command, total):
    base = path.removesuffix(".json")
    name = os.path.basename(base)
    with open(path) as file:
        label = json.load(file)
    lines = _lines(command, base, label)
    total.pairs += 1
    paths = [line["path"] for line in lines if "path" in line]
    _score_verdicts(name, label, paths, total)
    if label["connections"]:
        _score_matches(name, label, paths, total)
    if not label["is_traced"]:
        return
    pair = next(line["comparison"] for line in lines if "comparison" in line)["tap_pairs"][0]
    _score_clock(name, label, pair["clock"], total)
    with open(base + ".fates.jsonl") as rows:
        truth = [json.loads(row) for row in rows]
    _score_fates(name, truth, [x["path_segment"] for x in lines if "path_segment" in x], total)


def _score_strangers(paths, command, total):
    """The client's capture of each pair beside the server's of the next one: no match."""
    for path, other in zip(paths, paths[1:]):
        with open(path) as file, open(other) as second:
            label, strange = json.load(file), json.load(second)
        files = {"client": label["files"]["client"], "server": strange["files"]["server"]}
        lines = _lines(command, path, {"files": files})
        total.strangers += 1
        found = [line["path"] for line in lines if "path" in line]
        if found:
            total.false_matches += len(found)
            total.wrong.append(f"{os.path.basename(path)} and {os.path.basename(other)}: matches")


def _ends(sighting):
    return tuple(sorted((sighting["client"], sighting["server"])))


def _score_matches(name, label, paths, total):
    expected = {(tuple(near), tuple(far)) for near, far in label["connections"]}
    found = set()
    for path in paths:
        sightings = {sighting["tap"]: sighting for sighting in path["sightings"]}
        if len(sightings) == 2:
            found.add((_ends(sightings["client"]), _ends(sightings["server"])))
    for pair in expected:
        tally = total.matched["same" if pair[0] == pair[1] else "translated"]
        total.count(tally, pair in found, f"{name}: not matched: {pair}")
    for pair in found - expected:
        total.false_matches += 1
        total.wrong.append(f"{name}: false match: {pair}")


def _score_clock(name, label, pieces, total):
    clock = label["clock"]
    for piece in pieces:
        if piece["offset_low"] is None:
            continue
        time = piece["reference"]
        truth = clock["offset"] + (time - clock["first"]) * clock["drift"]
        if time >= clock["step_time"]:
            truth += clock["step"]
        is_inside = piece["offset_low"] - 1 <= truth <= piece["offset_high"] + 1
        text = f"{name}: offset {truth:.0f} outside {piece['offset_low']}..{piece['offset_high']}"
        total.count(total.clocks, is_inside, text)
        if label["half_round_trip"] and len(pieces) == 1:
            margin = (piece["offset_high"] - piece["offset_low"]) / 2
            limit = label["half_round_trip"] * TRIP_TOLERANCE + STAMP_TOLERANCE
            text = f"{name}: margin {margin:.0f} above {limit:.0f}"
            total.count(total.narrow, margin <= limit, text)
        if piece["drift_low_ppb"] is not None:
            low, high = piece["drift_low_ppb"] / 1e9, piece["drift_high_ppb"] / 1e9
            text = f"{name}: drift {clock['drift']} outside {low}..{high}"
            total.count(total.drifts, low <= clock["drift"] <= high, text)
            text = f"{name}: drift bounds {low}..{high} are wide"
            total.count(total.narrow_drifts, (high - low) / 2 <= DRIFT_LIMIT, text)


def _score_verdicts(name, label, paths, total):
    if not label["verdict"]:
        return
    seen = 0
    for path in paths:
        if not any(sighting["server"].endswith(SERVICE) for sighting in path["sightings"]):
            continue
        seen += 1
        first = path["verdicts"][0]
        said = {key: first[key] for key in label["verdict"]}
        text = f"{name}: {path['client']}: {said} is not {label['verdict']}: {first['sentence']}"
        total.count(total.verdicts, said == label["verdict"], text)
    if not seen:
        total.count(total.verdicts, False, f"{name}: no connection to the service was found")


def _score_fates(name, truth, rows, total):
    """Frames that are equal byte for byte are one another's stand-ins: nobody can tell which
    of them was lost, or which copy was the first."""
    said = {(row["tap"], row["frame"]): row for row in rows}
    names = {(row["tap"], row["frame"]): row["name"] for row in truth}
    groups = {}
    for row in truth:
        groups.setdefault((row["tap"], row["name"]), []).append(row)

    def outcome(tap, fate, other):
        if fate == "not-compared":
            fate = "not-covered"
        if fate not in ("arrived", "duplicated"):
            return fate, None
        return fate, other and names.get((_other(tap), other))

    for (tap, _), group in groups.items():
        expected = collections.Counter(outcome(tap, row["fate"], row["other"]) for row in group)
        for row in group:
            found = said.get((tap, row["frame"]))
            told = found and outcome(
                tap,
                found["fate"],
                found["counterpart"] and found["counterpart"]["frame"],
            )
            is_right = expected[told] > 0
            expected[told] -= is_right
            if row["outside"] and told == ("not-covered", None):
                is_right = is_right or row["other"] is None
            text = (
                f"{name}: {tap} {row['frame']}: {row['fate']} {row['other']} is said to be {told}"
            )
            total.count(total.fates, is_right, text)


def _other(tap):
    return "server" if tap == "client" else "client"


def _share(tally):
    right, count = tally
    return f"{right:,} of {count:,} ({100 * right / count:.3f} %)" if count else "none"


def _print(total, show):
    print(f"pairs                          {total.pairs}")
    print(f"pairs of strangers             {total.strangers}")
    print(f"matched, equal addresses       {_share(total.matched['same'])}")
    print(f"matched, translated            {_share(total.matched['translated'])}")
    print(f"false matches                  {total.false_matches}")
    print(f"offset within its bounds       {_share(total.clocks)}")
    print(f"within 1.05 of half the trip   {_share(total.narrow)}")
    print(f"drift within its bounds        {_share(total.drifts)}")
    print(f"drift bounds within 5 ppm      {_share(total.narrow_drifts)}")
    print(f"fates right                    {_share(total.fates)}")
    print(f"verdicts right                 {_share(total.verdicts)}")
    for text in total.wrong[:show]:
        print(f"    {text}")
