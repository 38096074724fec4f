"""System calls and programs the laboratory needs and Python's library lacks."""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import time

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
PR_SET_PDEATHSIG = 1

LOCK_FILE = "/run/lock/wirestate-lab.lock"
TRACEFS = "/sys/kernel/tracing"
PROGRAMS = ("ip", "tcpdump", "ethtool", "nft")

_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """Something the user has to know about; printed without a traceback."""


def _check(result, call):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def unshare(flags):
    _check(_libc.unshare(flags), "unshare")


def setns(descriptor):
    """Moves the calling thread into the network namespace behind `descriptor`."""
    _check(_libc.setns(descriptor, CLONE_NEWNET), "setns")


def mount(source, target, kind, flags=0):
    arguments = (source.encode(), target.encode(), kind.encode() if kind else None)
    _check(_libc.mount(*arguments, flags, None), f"mount {target}")


def die_with_parent():
    """Asks the kernel to end this process when the one that started it ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(*command, check=True, **options):
    """Runs a program, returns its output, and raises with its error text."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def tracing_is_mounted():
    return os.path.exists(f"{TRACEFS}/instances")


def mount_tracing_privately():
    """Mounts tracefs for this process alone, where the host has not mounted it."""
    if tracing_is_mounted():
        return
    unshare(CLONE_NEWNS)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tracefs", TRACEFS, "tracefs")


def missing_for_hosts(programs):
    """What keeps hosts in network namespaces from being made here, in words, or None."""
    if os.geteuid() != 0:
        return "needs root"
    for program in programs:
        if shutil.which(program) is None:
            return f"{program} is not installed"
    child = os.fork()
    if child == 0:
        try:
            unshare(CLONE_NEWNET)
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        return "network namespaces are not available"
    return None


def missing_requirement():
    """What keeps the laboratory from running here, in words, or None."""
    reason = missing_for_hosts(PROGRAMS)
    if reason:
        return reason
    try:
        mount_tracing_privately()
    except OSError:
        return "tracefs is not available"
    if not os.path.exists(f"{TRACEFS}/events/sock/inet_sock_set_state"):
        return "the kernel has no sock:inet_sock_set_state tracepoint"
    return None


def only_laboratory_on_this_host(patience=600):
    """Waits until no other laboratory runs, and returns the lock to hold meanwhile.

    Kernel events carry addresses but no namespace, so that two laboratories with
    the same addresses would read each other's connections.
    """
    lock = open(LOCK_FILE, "w")
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise LabError(f"{LOCK_FILE}: another laboratory is running") from None
            time.sleep(0.2)
