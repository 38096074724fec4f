"""The parts of the traffic, each a process in a host of its own: `traffic.py ROLE ARGUMENT…`."""

import resource
import selectors
import socket
import struct
import sys
import time


def backend(address):
    """Takes requests, answers none, and never closes: CLOSE_WAIT here, FIN_WAIT2 at the proxy."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, 9000))
    listener.listen(4096)
    kept = []
    while True:
        kept.append(listener.accept()[0])


def requests(source, server, rate, seconds, path, manner):
    """Requests at a rate. `manner` says who closes first: the server, the client, or nobody before
    the server's keepalive timeout."""
    rate, seconds = float(rate), float(seconds)
    keepalive = manner != "server"
    header = f"GET {path} HTTP/1.1\r\nHost: x\r\n" + ("" if keepalive else "Connection: close\r\n")
    text = (header + "\r\n").encode()
    selector = selectors.DefaultSelector()
    begun = time.monotonic()
    made = 0
    while True:
        now = time.monotonic() - begun
        while made < rate * min(now, seconds):
            made += 1
            try:
                connection = socket.socket()
                connection.setblocking(False)
                connection.bind((source, 0))
            except OSError:
                # No port is free, or no descriptor: one request less.
                break
            connection.connect_ex((server, 8080))
            selector.register(connection, selectors.EVENT_WRITE)
        for key, events in selector.select(0.02):
            connection = key.fileobj
            try:
                if events & selectors.EVENT_WRITE:
                    connection.send(text)
                    selector.modify(connection, selectors.EVENT_READ)
                    continue
                answer = connection.recv(65536)
                if answer and manner != "client":
                    continue
            except OSError:
                pass
            selector.unregister(connection)
            connection.close()
        if now > seconds and not selector.get_map():
            return


def syns(server, addresses, count, rate):
    """SYNs from addresses that nobody has."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for number in range(int(count)):
        source = f"10.71.1.{128 + number % int(addresses)}"
        raw.sendto(syn(source, 20000 + number, server, 8080, 1000 + number), (server, 0))
        time.sleep(1 / float(rate))


def syn(source, source_port, destination, port, number):
    """An IPv4 packet with a SYN, checksums and all."""
    near, far = socket.inet_aton(source), socket.inet_aton(destination)
    header = struct.pack("!HHIIBBHHH", source_port, port, number, 0, 5 << 4, 2, 65535, 0, 0)
    pseudo = near + far + struct.pack("!BBH", 0, 6, len(header))
    header = header[:16] + struct.pack("!H", checksum(pseudo + header)) + header[18:]
    return struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + near + far + header


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def connects(server, count):
    """Connections to where nobody answers, held until they are given up."""
    held = []
    for _ in range(int(count)):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex((server, 9))
        held.append(connection)
    while True:
        time.sleep(60)


def held(source, server, count):
    """Connections on which one request is made, and which are kept open."""
    kept = []
    for _ in range(int(count)):
        connection = socket.socket()
        connection.bind((source, 0))
        connection.connect((server, 8080))
        connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.recv(4096)
        kept.append(connection)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20000, limit), limit))
    roles = {role.__name__: role for role in (backend, requests, syns, connects, held)}
    roles[sys.argv[1]](*sys.argv[2:])
