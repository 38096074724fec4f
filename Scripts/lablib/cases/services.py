"""Programs that drop, hang or do not accept, and proxies in front of them."""

import os
import time

from ..conversation import (
    abort,
    answer,
    ask,
    attempt,
    close_in_turn,
    exchange,
    read_to_end,
    receive_exactly,
    stop_sending,
)
from ..scenes import SMALL
from .registry import SERVICE, case, listeners, plain

GATEWAY = {"topology": "gateway"}
NO_CHECK = {
    "health-check": "it is the server that ends every connection, within a millisecond",
}
DROPS = [("service-drops-all", "server")]


def calls_that_end(how, request=b"", pause=1.0, count=8):
    """The client tries again and again; `how(server)` is what the program does."""

    def play(recording):
        opened = listeners(recording)
        recording.background(4)
        for i in range(count + recording.random.randint(0, 3)):
            version = 6 if i % 2 else 4
            client, server = recording.connect(opened[version], version)
            if request:
                attempt(client.sendall, request)
            how(server)
            attempt(read_to_end, client)
            client.close()
            time.sleep(pause)

    return play


def end_after_request(server):
    receive_exactly(server, 40)
    server.close()


case(
    "drops-all-rst",
    [("service-drops-all|abortive-close", "server")],
    ("client", "server"),
    rivals=NO_CHECK,
)(plain(calls_that_end(abort), "The server accepts each connection and aborts it at once."))
AT_ONCE = "The server accepts each connection and closes it at once, without a byte."
case("drops-all-fin", DROPS, ("client", "server"), rivals=NO_CHECK)(
    plain(calls_that_end(lambda server: server.close()), AT_ONCE)
)
case("drops-all-fin-lossy", DROPS, ("middle",), loss=0.04, rivals=NO_CHECK)(
    plain(calls_that_end(lambda server: server.close(), count=12), AT_ONCE)
)
case(
    "drops-all-after-request",
    DROPS,
    ("client", "server"),
    rivals={
        **NO_CHECK,
        "keepalive-race": "the connection was never idle: each is closed at its first request",
    },
)(
    plain(
        calls_that_end(end_after_request, b"GET / HTTP/1.1".ljust(40)),
        "The server reads each request and closes without an answer.",
    )
)


@case(
    "trap-banner-and-close",
    (),
    ("server", "client"),
    rivals={"service-drops-all": "each connection brings its answer before the server closes"},
)
def trap_banner_and_close(recording):
    """A service that says the time and closes: the server ends every connection at once, as
    it should."""
    opened = listeners(recording)
    for i in range(9):
        version = 6 if i % 2 else 4
        client, server = recording.connect(opened[version], version)
        server.sendall(b"27 NOV 2026 12:00:00 UTC\r\n")
        close_in_turn(server, client)
        time.sleep(0.4)


UNANSWERED = [("request-unanswered", "server")]


HUNG = {
    "rivals": {
        "retransmit-until-death": "every request is acknowledged at once",
        "half-open": "the server acknowledges every request",
        "zero-window-stall": "the window stays open",
    },
}


@case("hung-program", UNANSWERED, ("client", "server"), **HUNG)
@case("hung-program-lossy", UNANSWERED, ("middle",), loss=0.03, **HUNG)
def hung_program(recording):
    """A program that served its first requests takes the next ones and does not answer; its
    kernel acknowledges them."""
    opened = listeners(recording)
    pairs = []
    for i in range(5):
        version = 6 if i % 2 else 4
        pair = recording.connect(opened[version], version)
        exchange(*pair, 2, 300)
        recording.keep(*pair)
        pairs.append(pair)
    recording.background(4)
    for client, _ in pairs:
        client.sendall(b"q" * 250)
        time.sleep(0.2)
    recording._rest(34)


NOT_ACCEPTED = {
    "rivals": {
        "accept-queue-full": "every handshake is completed",
        "close-wait-leak": "the server never sent a byte: no program has the socket",
    }
}


@case("never-accepted", UNANSWERED, ("server", "client"), **NOT_ACCEPTED)
@case("never-accepted-lossy", UNANSWERED, ("server",), loss=0.03)
def never_accepted(recording):
    """The program has stopped accepting, and its queue is long: the kernel completes every
    handshake and takes the requests; the clients give up after some seconds."""
    opened = recording.socket("server", 4)
    opened.bind((recording.address("server", 4), SERVICE))
    opened.listen(64)
    recording.keep(opened)
    recording.background(4)

    def talk(i, _):
        client = recording.client(4)
        client.connect(opened.getsockname())
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        time.sleep(12)
        client.close()

    recording.in_parallel(7, talk, 3.0)
    recording._rest(8)


ANSWERED = {"rivals": {"request-unanswered": "every request is answered in the end"}}


@case("trap-slow-program", (), ("server", "client"), **ANSWERED)
@case("trap-slow-program-lossy", (), ("middle",), loss=0.03, **ANSWERED)
def trap_slow_program(recording):
    """A program that thinks for four to six seconds before each answer."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        exchange(client, server, **SMALL)
        client.sendall(b"q" * 300)
        receive_exactly(server, 300)
        time.sleep(4 + i % 3)
        server.sendall(b"r" * 300)
        receive_exactly(client, 300)
        close_in_turn(client, server)

    recording.in_parallel(5, talk)


@case(
    "trap-long-poll",
    (),
    ("server", "client"),
    rivals={"request-unanswered": "the clients wait on purpose, and each poll ends by an answer"},
)
def trap_long_poll(recording):
    """Clients that wait for news: a request, eight seconds of silence, an empty answer, the
    next request."""
    opened = listeners(recording)

    def talk(i, version):
        client, server = recording.connect(opened[version], version)
        for _ in range(3):
            client.sendall(b"any news?")
            receive_exactly(server, 9)
            time.sleep(8)
            server.sendall(b"none")
            receive_exactly(client, 4)
        close_in_turn(client, server)

    recording.in_parallel(3, talk)


# Proxies


def nginx(recording, directory, backend):
    """A real nginx at the gateway that passes requests on to `backend`."""
    configuration = f"""
daemon off; master_process off; pid {directory}/pid; error_log stderr crit;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {directory}; proxy_temp_path {directory};
  fastcgi_temp_path {directory}; uwsgi_temp_path {directory}; scgi_temp_path {directory};
  server {{
    listen {SERVICE};
    location / {{ proxy_pass http://{backend}; proxy_read_timeout 6s; }}
  }}
}}
"""
    path = f"{directory}/nginx.conf"
    with open(path, "w") as out:
        out.write(configuration)
    return recording.hosts["gateway"].start("nginx", "-e", "stderr", "-c", path)


def haproxy(recording, directory, text):
    path = f"{directory}/haproxy.cfg"
    with open(path, "w") as out:
        out.write(text)
    return recording.hosts["gateway"].start("haproxy", "-q", "-db", "-f", path)


def wait_for_listener(host, port, patience=15):
    """Until a program in a namespace listens, without a connection that would be captured."""
    deadline = time.monotonic() + patience
    while not host.run("ss", "-Hlnt", f"sport = :{port}"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing listens on port {port}")
        time.sleep(0.1)


def gate(recording):
    return (f"{recording.network.prefix4}.1.254", SERVICE)


REQUEST = b"GET / HTTP/1.0\r\nHost: x\r\n\r\n"
ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 300\r\n\r\n" + b"r" * 300


def http_answer(pause):
    """A program that answers a request after `pause` seconds and closes."""

    def handle(end):
        taken = b""
        while b"\r\n\r\n" not in taken:
            taken += end.recv(1000)
        time.sleep(pause)
        attempt(end.sendall, ANSWER)
        end.close()

    return handle


def with_proxy(start, talk, pause, count=5):
    """Clients that `talk` to a proxy at the gateway, whose backend answers after `pause`."""

    def play(recording):
        backend = recording.serve(http_answer(pause), port=9000)
        directory = os.path.dirname(recording.base)
        proxy = start(recording, directory, f"{backend.address[0]}:9000")
        wait_for_listener(recording.hosts["gateway"], SERVICE)
        for _ in range(count):
            client = recording.client(4)
            client.connect(gate(recording))
            talk(client)
            client.close()
            time.sleep(0.3)
        proxy.terminate()
        proxy.wait()

    return play


def half_close_and_wait(client):
    client.sendall(REQUEST)
    stop_sending(client)
    attempt(read_to_end, client)


def wait_for_answer(client):
    client.sendall(REQUEST)
    attempt(read_to_end, client)


def abort_on_close(recording, directory, backend):
    return haproxy(
        recording,
        directory,
        f"""
defaults
  mode http
  option abortonclose
  timeout connect 2s
  timeout client 10s
  timeout server 10s
listen web
  bind *:{SERVICE}
  server one {backend}
""",
    )


case(
    "proxy-ends-half-close",
    [("proxy-mishandles-half-close", "server|middlebox")],
    ("client", "gateway"),
    rivals={
        "health-check": "each connection carries a request",
        "legit-half-close": "nothing comes after the client's FIN",
    },
    **GATEWAY,
)(
    plain(
        with_proxy(nginx, half_close_and_wait, 1.0),
        "Clients send a request and close their sending side; the proxy (nginx) takes that for a"
        " client that has left, and closes without an answer.",
    )
)
case(
    "trap-proxy-answers-half-close",
    (),
    ("client",),
    rivals={"proxy-mishandles-half-close": "a whole answer comes after the client's FIN"},
    **GATEWAY,
)(
    plain(
        with_proxy(abort_on_close, half_close_and_wait, 1.0),
        "The same with another proxy (HAProxy, option abortonclose), which answers by an error"
        " page before it closes.",
    )
)
case(
    "proxy-gives-up-on-backend",
    [("request-unanswered", "server")],
    ("server",),
    rivals={"half-open-peer-restarted": "the proxy closed before: its FIN is in the file"},
    not_said=({"text": "make the client application read to the end"},),
    **GATEWAY,
)(
    plain(
        with_proxy(nginx, wait_for_answer, 8.0, count=3),
        "Seen at the backend: it needs eight seconds, the proxy waits for six and closes; the"
        " late answer is met by RST.",
    )
)
case(
    "trap-proxy-passes",
    (),
    ("client", "server", "gateway"),
    rivals={"proxy-mishandles-half-close": "every request is answered"},
    **GATEWAY,
)(
    plain(
        with_proxy(nginx, wait_for_answer, 0.1, count=6),
        "A proxy (nginx) in front of a healthy backend.",
    )
)


def checked(recording, directory, backend):
    return haproxy(
        recording,
        directory,
        f"""
defaults
  mode tcp
  timeout connect 2s
  timeout client 10s
  timeout server 10s
listen web
  bind *:{SERVICE}
  server one {backend} check inter 1s
""",
    )


@case(
    "trap-haproxy-checks",
    [("health-check", None)],
    ("server",),
    rivals={"abortive-close": "the prober ends its own probe, at equal distances"},
    **GATEWAY,
)
def trap_haproxy_checks(recording):
    """HAProxy tests its backend once a second and ends each test by RST; clients are served
    meanwhile."""
    backend = recording.serve(answer, port=9000)
    directory = os.path.dirname(recording.base)
    proxy = checked(recording, directory, f"{backend.address[0]}:9000")
    wait_for_listener(recording.hosts["gateway"], SERVICE)
    time.sleep(2)
    for _ in range(8):
        client = recording.client(4)
        client.connect(gate(recording))
        ask(client)
        time.sleep(1)
    proxy.terminate()
    proxy.wait()
