#!/usr/bin/env python3
"""Attacks the port of `wirestate live --listen` while it captures.

usage: attack.py WIRESTATE [CONNECTIONS]

Headers without end, readers that do not read, as many connections as are asked for (10,000),
other hosts, other tokens, other methods, paths and garbage, all at once. Meanwhile 200 connections
are opened and closed beside it: every packet is captured, every connection seen, and the page
answers afterwards. Memory grows by less than 4 MiB where the capture leaves out the port; where it
does not, by what it takes to follow so many connections. Needs root. Exit code 1 if a check fails.
"""

import os
import pathlib
import re
import socket
import sys
import tempfile
import threading
import time
import urllib.request

from leak import Leak, live

PORT = 9494
TOKEN = "of-this-test-alone-4567"
ASK = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"


def connect():
    return socket.create_connection(("127.0.0.1", PORT), timeout=30)


def status(request):
    """What a request is answered; empty where the connection is closed without a word."""
    try:
        with connect() as client:
            client.sendall(request)
            return client.recv(200).decode(errors="replace")[9:12]
    except OSError:
        return ""


def endless_header():
    with connect() as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ")
        try:
            for _ in range(10_000):
                client.sendall(b"a" * 4096)
        except OSError:
            return


def slow_reader():
    with connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.sendall(f"GET / HTTP/1.1\r\n{ASK}\r\n".encode())
        time.sleep(8)


def many_connections(count):
    held = []
    for number in range(count):
        try:
            held.append(connect())
        except OSError:
            continue
        if len(held) > 500:
            held.pop(number % 500).close()
    for each in held:
        each.close()


def refusals(problems):
    cases = {
        "another host": (f"GET / HTTP/1.1\r\nHost: evil.example\r\n{ASK[17:]}\r\n", "421"),
        "no host": (f"GET / HTTP/1.1\r\n{ASK[17:]}\r\n", "400"),
        "no token": ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "401"),
        "another token": (
            "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer of-this-test\r\n\r\n",
            "401",
        ),
        "another method": (f"POST / HTTP/1.1\r\n{ASK}\r\n", "405"),
        "a path": (f"GET /../../etc/passwd HTTP/1.1\r\n{ASK}\r\n", "404"),
        "another path": (f"GET /%2e%2e/etc/passwd HTTP/1.1\r\n{ASK}\r\n", "404"),
        "garbage": ("\x00\x01\x02\r\n\r\n", "400"),
    }
    for name, (request, expected) in cases.items():
        found = status(request.encode())
        if found != expected:
            problems.append(f"{name}: {found or 'closed'}, not {expected}")


def metric(text, name):
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M))


def scrape():
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def resident(process):
    text = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1])


def processor(process):
    """Seconds of processor time so far."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def attack(live, count, limit, problems):
    """Attacks a live run, whose memory may grow by so many KiB. Returns the connections opened."""
    refusals(problems)
    before = (resident(live.pid), processor(live.pid), time.monotonic())
    attackers = [threading.Thread(target=endless_header) for _ in range(8)]
    attackers += [threading.Thread(target=slow_reader) for _ in range(8)]
    attackers += [threading.Thread(target=many_connections, args=(count,))]
    for each in attackers:
        each.start()
    leak = Leak(every=1_000_000, pause=0.02)
    with leak:
        while any(each.is_alive() for each in attackers) or leak.opened < 200:
            time.sleep(0.2)
        leak.stop()
        opened = leak.opened
        time.sleep(3)
        text = scrape()
    elapsed = time.monotonic() - before[2]
    share = (processor(live.pid) - before[1]) / elapsed
    grown = resident(live.pid) - before[0]
    lost = metric(text, "wirestate_capture_dropped_packets_total")
    print(
        f"{count} connections in {elapsed:.0f} s: {share:.2f} of a processor, {grown} KiB more,"
        f" {lost:.0f} packets lost"
    )
    if lost:
        problems.append(f"{lost:.0f} packets are lost")
    if grown > limit:
        problems.append(f"it grew by {grown} KiB, more than {limit}")
    return opened, metric(text, "wirestate_connections_seen_total")


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    problems = []
    with tempfile.TemporaryDirectory() as name:
        token = pathlib.Path(name) / "token"
        token.write_text(TOKEN + "\n")
        token.chmod(0o600)
        arguments = ["--token-file", str(token)]
        with live(program, PORT, *arguments, "--", f"not port {PORT}") as process:
            scrape()
            time.sleep(1)
            attack(process, count, 4 << 10, problems)
        with live(program, PORT, *arguments) as process:
            scrape()
            time.sleep(1)
            opened, seen = attack(process, count, (4 << 10) + 2 * count, problems)
            if seen < opened + count:
                problems.append(f"{seen:.0f} connections seen of {opened + count}")
    print("; ".join(problems) or "the port: as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
