"""Network namespaces without names: they end with the process that made them."""

import os
import socket
import subprocess
import sys

from . import system

_home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

IPV6_V6ONLY = 26


class Namespace:
    """A network namespace, kept alive by one file descriptor.

    As a context manager it moves the calling thread inside and back:

        with namespace:
            listener = socket.socket()
    """

    def __init__(self):
        system.unshare(system.CLONE_NEWNET)
        try:
            self.descriptor = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            system.setns(_home)
        self.path = f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def __enter__(self):
        system.setns(self.descriptor)

    def __exit__(self, *_):
        system.setns(_home)

    def close(self):
        os.close(self.descriptor)

    def run(self, *command, check=True, **options):
        """Runs a program inside and returns its output."""
        with self:
            return system.run(*command, check=check, **options)

    def start(self, *command, **options):
        """Starts a program inside; it ends with the laboratory at the latest."""
        with self:
            return subprocess.Popen(command, preexec_fn=system.die_with_parent, **options)

    def sysctl(self, name, value):
        with self:
            try:
                with open("/proc/sys/" + name.replace(".", "/"), "w") as setting:
                    setting.write(str(value))
            except OSError as error:
                print(f"sysctl {name}={value}: {error.strerror}", file=sys.stderr)

    def tcp_socket(self, version, protocol=0):
        """A TCP socket for IP `version` 4 or 6 that lives in this namespace."""
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        with self:
            made = socket.socket(family, socket.SOCK_STREAM, protocol)
        if version == 6:
            made.setsockopt(socket.IPPROTO_IPV6, IPV6_V6ONLY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return made
