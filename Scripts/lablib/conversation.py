"""What applications do with their sockets: accept, talk, close, abort, give up."""

import random
import socket
import struct
import threading

TCP_FASTOPEN = 23
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
TCP_SEND_QUEUE = 2


class Listener:
    """A listening socket whose accepted connections are fetched by the client's name."""

    def __init__(self, opened, address, backlog=256, receive_buffer=0, fast_open=0, options=()):
        self._socket = opened
        if receive_buffer:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        for level, option, value in options:
            opened.setsockopt(level, option, value)
        opened.bind(address)
        if fast_open:
            opened.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, fast_open)
        opened.listen(backlog)
        opened.settimeout(0.2)
        self.address = opened.getsockname()[:2]
        self.port = self.address[1]
        self._accepted, self._changed = {}, threading.Condition()
        self._is_running = True
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def accepted(self, client_name, timeout=20):
        """The server's socket of the connection from `client_name`."""
        name = client_name[:2]
        with self._changed:
            if not self._changed.wait_for(lambda: name in self._accepted, timeout):
                raise TimeoutError(f"no connection from {name}")
            return self._accepted.pop(name)

    def next_accepted(self, timeout=20):
        """The server's socket of the oldest connection that nobody has taken."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._accepted, timeout):
                raise TimeoutError("no connection")
            return self._accepted.pop(next(iter(self._accepted)))

    def take(self, count):
        """Up to `count` of the accepted connections, whoever called."""
        with self._changed:
            names = list(self._accepted)[:count]
            return [self._accepted.pop(name) for name in names]

    def close(self):
        self._is_running = False
        self._thread.join()
        self._socket.close()

    def _accept(self):
        while self._is_running:
            try:
                server, name = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            server.settimeout(30)
            with self._changed:
                self._accepted[name[:2]] = server
                self._changed.notify_all()


def receive_exactly(end, count):
    while count > 0:
        data = end.recv(min(count, 65536))
        if not data:
            raise EOFError("the peer closed early")
        count -= len(data)


def read_to_end(end):
    """Reads until the peer's FIN."""
    while end.recv(65536):
        pass


def exchange(client, server, rounds=1, size=None):
    """Request and response, `rounds` times; sizes follow from the client's name."""
    sizes = random.Random(str(client.getsockname()))
    for _ in range(rounds):
        request = size or sizes.randint(20, 3000)
        client.sendall(b"q" * request)
        receive_exactly(server, request)
        response = size or sizes.randint(20, 6000)
        server.sendall(b"r" * response)
        receive_exactly(client, response)


def stop_sending(end):
    end.shutdown(socket.SHUT_WR)


def abort(end):
    """Closes with a reset instead of a FIN."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


def forget(end):
    """The kernel drops the connection without a packet, as a host does that loses power."""
    end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    end.close()


def start_sequence_at(end, number):
    """The initial sequence number of a socket that is not connected yet, not 0."""
    end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE)
    end.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack("=I", number))
    end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)


def set_receive_buffer(end, size):
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)


def keep_alive(end, idle=1, interval=1, count=9):
    """Keepalive probes after `idle` seconds, `count` of them, `interval` seconds apart."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    values = {"TCP_KEEPIDLE": idle, "TCP_KEEPINTVL": interval, "TCP_KEEPCNT": count}
    for name, value in values.items():
        end.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def close_in_turn(first, second):
    """`first` closes, `second` sees the end and closes too."""
    stop_sending(first)
    read_to_end(second)
    second.close()
    read_to_end(first)
    first.close()


def fill(sender, chunk=4000):
    """Sends until neither the peer's nor the own buffer takes more."""
    sender.setblocking(False)
    try:
        while True:
            sender.send(b"z" * chunk)
    except BlockingIOError:
        sender.settimeout(30)


def attempt(action, *arguments):
    """Calls `action`; an error of the connection is an expected outcome, and returned."""
    try:
        return action(*arguments)
    except (OSError, EOFError) as error:
        return error


class Service:
    """A program that listens and treats every connection alike: `handle(end)` in a thread of
    its own. For clients whose addresses the server does not see as they are."""

    def __init__(self, opened, address, handle, backlog=64):
        self._socket, self._handle = opened, handle
        opened.bind(address)
        opened.listen(backlog)
        opened.settimeout(0.2)
        self.address = opened.getsockname()[:2]
        self._is_running = True
        self._ends = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        self._is_running = False
        self._thread.join()
        self._socket.close()
        for end in self._ends:
            end.close()

    def _accept(self):
        while self._is_running:
            try:
                end, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            end.settimeout(60)
            self._ends.append(end)
            threading.Thread(target=attempt, args=(self._handle, end), daemon=True).start()


def answer(end, request=300, response=300):
    """The program's part of one exchange; the client closes first."""
    receive_exactly(end, request)
    end.sendall(b"r" * response)
    read_to_end(end)
    end.close()


def ask(client, request=300, response=300):
    """The client's part of one exchange, and its close."""
    client.sendall(b"q" * request)
    receive_exactly(client, response)
    stop_sending(client)
    read_to_end(client)
    client.close()
