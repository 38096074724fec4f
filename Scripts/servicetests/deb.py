#!/usr/bin/env python3
"""Installs the package into a Debian that has no Swift, and tries it there.

usage: deb.py PACKAGE.deb CAPTURE

Needs root, debootstrap and a Debian mirror. The package's dependencies are found by apt; the
program reads a capture, the man page opens, the completion works, the unit is right and not
enabled; it is gone after a purge. Exit code 1 if a check fails.
"""

import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


class Root:
    """A Debian of its own in a folder."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run(
            ["debootstrap", "--variant=minbase", "bookworm", str(folder)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        sources = pathlib.Path("/etc/apt/sources.list")
        if sources.exists():
            shutil.copy(sources, folder / "etc/apt/sources.list")
        shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
        # A program in Swift finds its arguments there.
        subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)

    def close(self):
        subprocess.run(["umount", str(self.folder / "proc")], check=True)

    def run(self, *arguments):
        return subprocess.run(
            ["chroot", str(self.folder), *arguments],
            capture_output=True,
            text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"},
        )


def check(root, package, capture):
    problems = []

    def expect(is_so, text, result=None):
        if not is_so:
            said = f": {result.stdout[-300:]}{result.stderr[-300:]}" if result else ""
            problems.append(text + said)

    shutil.copy(package, root.folder / "tmp/wirestate.deb")
    shutil.copy(capture, root.folder / "tmp/capture.pcapng")
    root.run("apt-get", "-qq", "update")
    result = root.run("apt-get", "-qq", "-y", "install", "/tmp/wirestate.deb", "man-db", "bash")
    expect(result.returncode == 0, "apt-get install", result)
    result = root.run("wirestate", "/tmp/capture.pcapng")
    expect(result.returncode == 0 and "close-wait-leak" in result.stdout, "the report", result)
    expect("swift" not in root.run("ldd", "/usr/bin/wirestate").stdout, "it needs Swift's runtime")
    depends = subprocess.run(
        ["dpkg-deb", "--field", package, "Depends"], capture_output=True, text=True
    ).stdout
    expect("libc6 (>= 2.36)" in depends, f"packed relocations need glibc 2.36, not {depends}")
    size = (root.folder / "usr/bin/wirestate").stat().st_size
    expect(size <= 25_000_000, f"{size} bytes are more than 25 MB")
    times = []
    for _ in range(20):
        start = time.monotonic()
        subprocess.run([str(root.folder / "usr/bin/wirestate"), "--version"], capture_output=True)
        times.append(time.monotonic() - start)
    median = statistics.median(times) * 1000
    print(f"{size / 1e6:.1f} MB, --version in {median:.1f} ms, {min(times) * 1000:.1f} at best")
    # minbase leaves manual pages out.
    pages = subprocess.run(
        ["dpkg-deb", "--contents", package], capture_output=True, text=True
    ).stdout
    for page in ("wirestate.1.gz", "wirestate-live.1.gz", "wirestate-report.1.gz"):
        expect(page in pages, f"no {page}")
    result = root.run("man", "wirestate-live")
    expect(result.returncode == 0 and "--listen" in result.stdout.replace("\b", ""), "man", result)
    script = (
        "source /usr/share/bash-completion/completions/wirestate;"
        " COMP_WORDS=(wirestate ne); COMP_CWORD=1; COMP_LINE='wirestate ne'; COMP_POINT=12;"
        " $(complete -p wirestate | sed 's/.*-F \\([^ ]*\\).*/\\1/') wirestate ne wirestate;"
        ' echo "${COMPREPLY[@]}"'
    )
    result = root.run("bash", "-c", script)
    expect("netstat" in result.stdout, "the completion of 'wirestate ne'", result)
    unit = root.folder / "lib/systemd/system/wirestate.service"
    expect("ExecStart=/usr/bin/wirestate live" in unit.read_text(), "the unit")
    enabled = list((root.folder / "etc/systemd/system").rglob("wirestate.service"))
    expect(not enabled, "the unit is enabled")
    result = root.run("getcap", "/usr/bin/wirestate")
    expect("cap_net_raw" not in result.stdout, "a right that nobody asked for", result)
    result = root.run("dpkg", "--purge", "wirestate")
    expect(result.returncode == 0, "dpkg --purge", result)
    expect(not (root.folder / "usr/bin/wirestate").exists(), "it is still there after a purge")
    return problems


def main():
    package, capture = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        root = Root(pathlib.Path(folder))
        try:
            problems = check(root, package, capture)
        finally:
            root.close()
    print("; ".join(problems) or "the package: as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
