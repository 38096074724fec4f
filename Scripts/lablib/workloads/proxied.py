"""A TCP proxy between client and server: two connections, four endpoints for each."""

import contextlib
import os
import socket
import threading
import time

from ..conversation import abort, attempt, read_to_end, receive_exactly, stop_sending
from .registry import workload
from .tools import Site, need

PROXY = {"topology": "router", "ends_in_middle": True, "middle_interface": "any"}

HAPROXY = """
defaults
  mode tcp
  timeout connect 2s
  timeout client 3s
  timeout server 3s
  timeout client-fin 2s
listen four
  bind {bind4}:{port}
  server one {server4}:{backend}
listen six
  bind [{bind6}]:{port}
  server one [{server6}]:{backend}
listen refused
  bind {bind4}:{refused}
  bind [{bind6}]:{refused}
  server one {server4}:{nobody}
"""

STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"
NGINX_STREAM = """
load_module {module};
daemon off; worker_processes 1; pid {scratch}/nginx.pid; error_log {scratch}/error.log;
user root; events {{ worker_connections 500; }}
stream {{
  proxy_connect_timeout 2s; proxy_timeout 3s;
  server {{ listen {bind4}:{port}; proxy_pass {server4}:{backend}; }}
  server {{ listen [{bind6}]:{port}; proxy_pass [{server6}]:{backend}; }}
  server {{ listen {bind4}:{refused}; listen [{bind6}]:{refused}; proxy_pass {server4}:{nobody}; }}
}}
"""

CASES = 9


class Backend:
    """The server's program: what it does is told by the first byte of a connection."""

    def __init__(self, recording, port):
        self.recording = recording
        self.sockets = []
        for version in (4, 6):
            opened = recording.socket("server", version)
            opened.bind((recording.address("server", version), port))
            opened.listen(128)
            self.sockets.append(opened)
            threading.Thread(target=self._accept, args=(opened,), daemon=True).start()

    def _accept(self, opened):
        with contextlib.suppress(OSError):
            while True:
                end, _ = opened.accept()
                end.settimeout(15)
                threading.Thread(target=attempt, args=(self._serve, end), daemon=True).start()

    def _serve(self, end):
        first = end.recv(1)
        if not first:
            end.close()
            return
        case = first[0] % CASES
        end.sendall(b"r" * 700)
        if case == 1:
            end.close()
        elif case == 2:
            read_to_end(end)
            for _ in range(4):
                end.sendall(b"m" * 2000)
                time.sleep(0.1)
            end.close()
        elif case == 4:
            abort(end)
        elif case == 5:
            stop_sending(end)
            attempt(read_to_end, end)
            end.close()
        elif case == 7:
            self.recording.keep(end)  # reads nothing
        else:
            attempt(read_to_end, end)
            end.close()

    def close(self):
        for opened in self.sockets:
            opened.shutdown(socket.SHUT_RDWR)
            opened.close()


def call_through(recording, port, refused, i, version):
    client = recording.client(version)
    case = i % CASES
    target = refused if case == 6 else port
    address = recording.network.gateways[("client", version)]
    attempt(client.connect, (address, target))
    attempt(client.sendall, bytes([case]) + b"q" * 300)
    if case == 6:
        attempt(read_to_end, client)
        client.close()
        return
    receive_exactly(client, 700)
    if case in (1, 5):
        read_to_end(client)
    elif case == 2:
        stop_sending(client)
        read_to_end(client)
    elif case == 3:
        abort(client)
        return
    elif case == 7:
        client.sendall(b"u" * 3000)
        time.sleep(0.2)
    elif case == 8:
        time.sleep(4.5)  # the proxy's patience ends first
    else:
        time.sleep(recording.random.random() * 0.1)
    if case == 4:
        attempt(read_to_end, client)
    client.close()


def through_proxy(recording, count, program, *arguments, template):
    with Site(recording) as site:
        backend_port = recording.port()
        refused = recording.port()
        site.places |= {"backend": backend_port, "refused": refused, "nobody": recording.port()}
        site.places["module"] = STREAM_MODULE
        for version in (4, 6):
            site.places[f"bind{version}"] = recording.network.gateways[("client", version)]
            site.places[f"server{version}"] = recording.address("server", version)
        backend = Backend(recording, backend_port)
        configuration = site.write("proxy.conf", template)
        site.serve(program, *arguments, configuration, host="middle", address=site.places["bind4"])

        def call(i, version):
            call_through(recording, site.port, refused, i // 2, version)

        recording.in_parallel(count, call, 4)
        time.sleep(3)
        backend.close()
    time.sleep(1)


@workload("haproxy", count=72, missing=need("haproxy"), **PROXY)
def haproxy(recording, count):
    """HAProxy between client and server: closes, half-closes, aborts, its timeouts, a
    server that refuses"""
    through_proxy(recording, count, "haproxy", "-f", template=HAPROXY)


def no_nginx_stream():
    if os.path.exists(STREAM_MODULE):
        return need("nginx")()
    return "nginx has no stream module"


@workload("nginx-stream", count=72, missing=no_nginx_stream, **PROXY)
def nginx_stream(recording, count):
    """nginx as a TCP proxy: closes, half-closes, aborts, its timeouts, a server that refuses"""
    through_proxy(recording, count, "nginx", "-c", template=NGINX_STREAM)
