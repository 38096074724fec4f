"""A host whose TCP is lwIP's; its ends have the methods of sockets that conversations use."""

import ipaddress
import os
import shutil
import socket
import subprocess
import tempfile
import threading

from .. import system

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lwip_host.c")


def missing():
    """What keeps lwIP from running here, in words, or None."""
    if shutil.which("cc") is None:
        return "cc is not installed"
    if not os.path.exists("/usr/include/lwip/lwipopts.h"):
        return "liblwip-dev is not installed"
    return None


class LwipEnd:
    """One end of a connection inside the lwIP host."""

    def __init__(self, host, identifier, name):
        self._host, self._identifier, self._name = host, identifier, name
        self._lingers = True
        self.received, self.is_open, self.has_ended, self.is_gone = 0, False, False, False

    def getsockname(self):
        return self._name

    def setsockopt(self, level, option, value):
        if option == socket.SO_LINGER:
            self._lingers = False

    def sendall(self, data):
        self._host.tell(f"S {self._identifier} {len(data)}")

    def recv(self, size):
        host = self._host
        with host.changed:
            host.wait_for(lambda: self.received or self.has_ended or self.is_gone)
            if self.received:
                count = min(size, self.received)
                self.received -= count
                return b"\0" * count
            if self.is_gone:
                raise ConnectionResetError("the connection is gone")
            return b""

    def shutdown(self, _):
        self._host.tell(f"F {self._identifier}")

    def close(self):
        self._host.tell(f"{'X' if self._lingers else 'A'} {self._identifier}")


class LwipHost:
    """Takes the client's place: its interface and addresses. A context manager."""

    def __init__(self, recording):
        self._recording = recording
        self._scratch = tempfile.mkdtemp(prefix="wirestate-lab-")
        self.changed = threading.Condition(threading.RLock())
        self._ends, self._accepted, self._count = {}, {}, 0
        self._is_ready = False

    def __enter__(self):
        program = f"{self._scratch}/lwip_host"
        system.run("cc", "-O1", "-o", program, SOURCE, "-I/usr/include/lwip", "-llwip")
        recording, host = self._recording, self._recording.hosts["client"]
        host.run("ip", "addr", "flush", "dev", "c0")
        host.sysctl("net.ipv6.conf.all.disable_ipv6", 1)
        addresses = [recording.address("client", version) for version in (4, 6)]
        self._program = host.start(
            *(program, "c0", *addresses, recording.base + ".stack.jsonl"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        threading.Thread(target=self._listen_to_program, daemon=True).start()
        with self.changed:
            self.wait_for(lambda: self._is_ready)
        return self

    def __exit__(self, *_):
        self._program.stdin.close()
        self._program.wait(10)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def tell(self, command):
        with self.changed:
            self._program.stdin.write(command + "\n")
            self._program.stdin.flush()

    def wait_for(self, condition, timeout=20):
        if not self.changed.wait_for(condition, timeout):
            raise TimeoutError("lwIP did not answer")

    def listen(self, port):
        self.tell(f"L {port}")

    def connect(self, address, port):
        with self.changed:
            self._count += 1
            end = self._ends[self._count] = LwipEnd(self, self._count, (address, self._count))
            self.tell(f"C {self._count} {address} {port}")
            self.wait_for(lambda: end.is_open or end.is_gone)
        if end.is_gone:
            raise ConnectionRefusedError("no connection")
        return end

    def accepted(self, peer_name):
        """The end of the connection from a kernel's socket of that name."""
        with self.changed:
            self.wait_for(lambda: peer_name[:2] in self._accepted)
            return self._accepted.pop(peer_name[:2])

    def _listen_to_program(self):
        for line in self._program.stdout:
            kind, *values = line.split()
            with self.changed:
                self._take(kind, values)
                self.changed.notify_all()

    def _take(self, kind, values):
        if kind == "ready":
            self._is_ready = True
            return
        identifier = int(values[0])
        if kind == "a":
            name = (str(ipaddress.ip_address(values[1])), int(values[2]))
            self._ends[identifier] = self._accepted[name] = LwipEnd(self, identifier, name)
            return
        end = self._ends[identifier]
        if kind == "c":
            end.is_open = True
        elif kind == "r":
            end.received += int(values[1])
        elif kind == "e":
            end.has_ended = True
        elif kind == "x":
            end.is_gone = True


class WithLwip:
    """Stands for a recording: its connections have lwIP at the client's end."""

    def __init__(self, recording, host):
        self.random, self._recording, self._host = recording.random, recording, host
        self._port, self._turn = recording.port(), threading.Lock()
        host.listen(self._port)

    def connect(self, listener, version):
        """Opened by lwIP or by the kernel; returns lwIP's end and the kernel's."""
        if self.random.random() < 0.6:
            with self._turn:
                end = self._host.connect(*listener.address)
                return end, listener.next_accepted(10)
        kernel = self._recording.socket("server", version)
        kernel.connect((self._recording.address("client", version), self._port))
        return self._host.accepted(kernel.getsockname()), kernel
