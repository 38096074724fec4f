"""Records cases, many at a time."""

import json
import os
import shutil
import tempfile
import time

from .. import system
from ..conversation import close_in_turn, exchange
from ..forwarder import Path
from ..recording import BRIDGED, Recording, Setting, _fork
from ..scenes import SMALL
from .registry import CASES, OTHER, PULSE

PREFIXES = ("10.2", "2001:db8:2")


class CaseRecording(Recording):
    """A recording without the kernel's log, of which many can run at a time."""

    def start(self):
        self._apply_settings()
        if self.setting.topology in BRIDGED:
            process = _fork.Process(
                target=self._forwarder().run,
                args=(self.setting.snapshot_length, lambda: bool(self._is_over.value)),
                daemon=True,
            )
            process.start()
            self._observers.append(process)
        time.sleep(0.3)
        if not self.setting.starts_late:
            self.start_capture()

    def _apply_settings(self):
        """The servers' time to live is another one with each seed but the first."""
        super()._apply_settings()
        name = "net.ipv4.ip_default_ttl"
        if self.seed == 1 or name in self.setting.server_sysctls:
            return
        life = self.random.choice((64, 128, 255))
        for side in {"server", "backend"} & set(self.hosts):
            self.hosts[side].sysctl(name, life)

    def finish(self):
        self._rest(self.setting.settling_time)
        self._is_taping.value = 0
        self._stop_taps()
        self._is_over.value = 1
        for observer in self._observers:
            observer.join(10)

    def _rest(self, seconds):
        """Waits; a connection every few seconds shows that the capture goes on."""
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            time.sleep(min(left, 4))
            if seconds >= 4:
                if self._pulse is None:
                    self._pulse = self.listen(4, PULSE)
                close_in_turn(*self.connect(self._pulse, 4))

    _pulse, _others = None, None

    def background(self, count=3):
        """Connections to another service that end as they should."""
        if not self._others:
            self._others = {4: self.listen(4, OTHER), 6: self.listen(6, OTHER)}

        def talk(i, version):
            client, server = self.connect(self._others[version], version)
            exchange(client, server, **SMALL)
            first, second = (client, server) if i % 2 else (server, client)
            close_in_turn(first, second)

        self.in_parallel(count, talk)


def record(name, seed, directory):
    """Records a case into `directory`; returns what went wrong."""
    case = CASES[name]

    def path(recording):
        if case.path is not None:
            return case.path(recording.seed)
        return Path(seed, recording.scaled(0.003, 0.006), loss=case.loss)

    values = {"snapshot_length": 96, "path": path, **case.setting}
    with tempfile.TemporaryDirectory(prefix="wirestate-lab-") as scratch:
        setting = Setting(**values)
        with CaseRecording(name, setting, seed, scratch, prefixes=PREFIXES) as recording:
            recording.start()
            case.play(recording)
            recording.finish()
            for tap in case.taps:
                _store(case, recording, tap, directory)
            return recording.errors


def _store(case, recording, tap, directory):
    target = os.path.join(directory, _full_name(case, tap))
    source = f"{recording.base}.{'mid' if tap == 'middle' else tap}.pcap"
    if case.keeps:
        words = case.keeps(recording) if callable(case.keeps) else case.keeps
        system.run("tcpdump", "-r", source, "-w", f"{target}.pcap", words)
    elif case.rewrite:
        case.rewrite(source, f"{target}.pcap", recording.random)
    else:
        shutil.copyfile(source, f"{target}.pcap")
    _write_label(case, tap, directory)


def write_labels(names, directory):
    """Writes the labels of recordings that exist."""
    for case in (CASES[name] for name in names):
        for tap in case.taps:
            _write_label(case, tap, directory)


def _full_name(case, tap):
    return case.name + ("" if len(case.taps) == 1 else f"-at-{tap}")


def _write_label(case, tap, directory):
    full = _full_name(case, tap)
    with open(os.path.join(directory, f"{full}.json"), "w") as out:
        json.dump(_described(case, full, tap), out, indent=1)
        out.write("\n")


def _described(case, full, tap):
    """The label as it is stored: what is empty is left out."""
    label = case.label_at(tap)
    fields = ("diagnosis", "fault", "grade", "text")
    rivals = [{"diagnosis": name, "refuted_by": why} for name, why in label.rivals.items()]
    not_said = [{"diagnosis": one} if isinstance(one, str) else one for one in label.not_said]
    more = {
        "rivals": rivals,
        "not_said": not_said,
        "endings": label.endings,
        "quality": label.quality,
        "pending": label.pending,
    }
    return {
        "name": full,
        "description": case.description,
        "tap": tap,
        "loss": case.loss,
        "expected": [
            {key: value for key, value in zip(fields, entry) if key == "fault" or value}
            for entry in label.expected
        ],
        **{key: value for key, value in more.items() if value},
    }


def record_all(names, seed, directory, jobs, say=print):
    """Records cases, `jobs` at a time, the longest first; returns those that failed."""
    longest_first = sorted(names, key=lambda name: -CASES[name].setting.get("settling_time", 1))
    return record_each(longest_first, record, seed, directory, jobs, say)


def record_each(names, record, seed, directory, jobs, say=print):
    """Records each in a process of its own, `jobs` at a time; returns those that failed.

    `record` takes a name, the seed and the directory, and returns what went wrong.
    """
    waiting, running, failed = list(names), {}, []
    while waiting or running:
        for name, process in list(running.items()):
            if not process.is_alive():
                del running[name]
                if process.exitcode != 0:
                    failed.append(name)
        while waiting and len(running) < jobs:
            name = waiting.pop(0)
            running[name] = in_process(_record_one, record, name, seed, directory, say)
            time.sleep(0.5)
        time.sleep(0.1)
    return failed


def in_process(target, *arguments):
    process = _fork.Process(target=target, args=arguments)
    process.start()
    return process


def _record_one(record, name, seed, directory, say):
    errors = record(name, seed, directory)
    say(f"{name}: {'; '.join(errors) if errors else 'recorded'}", flush=True)
