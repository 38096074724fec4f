"""Compares what a command finds in recorded cases with their labels."""

import glob
import json
import os
import re
import shlex
import subprocess

ALARMS = ("critical", "warning")


def judge(directory, command, say=print):
    """Judges every labelled capture in `directory`; returns how many are right, and of how
    many. `command` has {pcap} for the capture, and prints one JSON object per line."""
    labels = sorted(glob.glob(os.path.join(directory, "*.json")))
    right = 0
    for path in labels:
        with open(path) as source:
            label = json.load(source)
        misses = misses_of(label, results(command, path.removesuffix(".json") + ".pcap"))
        right += not misses
        for miss in misses:
            say(f"{label['name']}: {miss}")
        if not misses and label.get("pending"):
            say(f"{label['name']}: pending, and right: {label['pending']}")
    say(f"{right} of {len(labels)} right ({100 * right / max(len(labels), 1):.1f} %)")
    return right, len(labels)


def results(command, capture):
    words = shlex.split(command.replace("{pcap}", shlex.quote(capture)))
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return [{"failed": f"exit {done.returncode}: {done.stderr.strip()[:200]}"}]
    return [json.loads(line) for line in done.stdout.splitlines()]


def misses_of(label, objects):
    """What of a label does not hold, in words."""
    failed = [one["failed"] for one in objects if "failed" in one]
    if failed:
        return failed
    findings = [one["finding"] for one in objects if "finding" in one]
    endings = next((one["endings"] for one in objects if "endings" in one), {})
    traps = [one["quality"] for one in objects if "quality" in one]
    misses = []
    for wanted in label["expected"]:
        if not any(is_expected(finding, wanted) for finding in findings):
            misses.append(f"not found: {words(wanted)}; found {heads(findings)}")
    for finding in findings:
        is_wanted = any(is_expected(finding, wanted) for wanted in label["expected"])
        if not is_wanted and finding["severity"] in ALARMS:
            misses.append(f"an alarm: {heads([finding])}")
    for rival in label.get("rivals", []):
        for finding in findings:
            if matches(rival["diagnosis"], finding["diagnosis"]):
                misses.append(f"{heads([finding])}, refuted: {rival['refuted_by']}")
    for refused in label.get("not_said", []):
        misses += [f"said: {heads([one])}" for one in findings if is_said(one, refused)]
    for name, count in label.get("endings", {}).items():
        if endings.get(name) != count:
            misses.append(f"{endings.get(name)} connections ended {name}, not {count}")
    if quality := label.get("quality"):
        told = " ".join(f"{trap['trap']} {trap['effect']}" for trap in traps)
        if not re.search(quality, told, re.IGNORECASE):
            misses.append(f"no trap of the capture: {quality}")
    return misses


def is_expected(finding, wanted):
    names = (finding["diagnosis"], finding.get("also") or "")
    return (
        any(matches(wanted["diagnosis"], name) for name in names)
        and matches(wanted["fault"] or "nobody", finding["fault"])
        and matches(wanted.get("grade", ".*"), finding["grade"])
        and contains(finding, wanted.get("text", ""))
    )


def is_said(finding, refused):
    return all(
        contains(finding, pattern) if key == "text" else matches(pattern, finding[key])
        for key, pattern in refused.items()
    )


def contains(finding, pattern):
    text = " ".join([finding["title"], finding["sentence"], *finding["remedy"]])
    return re.search(pattern, text, re.IGNORECASE | re.DOTALL) is not None


def matches(pattern, value):
    return re.fullmatch(pattern, value) is not None


def words(wanted):
    return ", ".join(str(value) for value in wanted.values())


def heads(findings):
    fields = ("severity", "diagnosis", "fault", "grade", "service")
    return "; ".join(" ".join(str(one[key]) for key in fields) for one in findings[:4]) or "nothing"
