"""A server that forgets to close some connections, and its clients; a live run that sees them."""

import contextlib
import socket
import subprocess
import threading
import time


@contextlib.contextmanager
def live(program, port, *arguments):
    """`wirestate live` on the loopback interface, which serves on a port while it is entered."""
    process = subprocess.Popen(
        [program, "live", "-i", "lo", "--quiet", "-o", "/dev/null"]
        + ["--listen", f"127.0.0.1:{port}", *arguments],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


class Leak:
    """Opens connections for as long as it is entered; `every` one in so many is never closed."""

    def __init__(self, every=2, pause=0.05):
        self.every = every
        self.pause = pause
        self.held = []
        self.opened = 0
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.server.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        threading.Thread(target=self.ask, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.heal()
        self.server.close()

    def accept(self):
        count = 0
        while not self.stopped.is_set():
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            count += 1
            connection.sendall(b"hello")
            if count % self.every == 0:
                with self.lock:
                    self.held.append(connection)
            else:
                threading.Thread(target=self.close, args=(connection,), daemon=True).start()

    @staticmethod
    def close(connection):
        connection.recv(1)
        connection.close()

    def ask(self):
        while not self.stopped.is_set():
            with socket.create_connection(("127.0.0.1", self.port)) as client:
                client.recv(5)
            self.opened += 1
            time.sleep(self.pause)

    def stop(self):
        """No new connections."""
        self.stopped.set()
        time.sleep(0.3)

    def heal(self):
        """Closes what was forgotten."""
        with self.lock:
            for each in self.held:
                each.close()
            self.held = []
