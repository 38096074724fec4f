"""What one socket option or setting changes: linger, overflowing queues, short timers."""

import threading
import time

from ..conversation import abort, attempt, exchange, read_to_end, stop_sending
from ..forwarder import Path
from .opening import open_from_both_sides
from .registry import workload


@workload("linger-zero", count=72, delay=(0.02, 0.025))
def linger_zero(recording, count):
    """SO_LINGER 0 in every state: SYN_SENT, SYN_RECV, ESTABLISHED with and without unread
    data, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        case = i // 2 % 9
        if case == 0:
            client = recording.client(version)
            client.setblocking(False)
            attempt(client.connect, listeners[version].address)
            time.sleep(0.01)
            abort(client)
            return
        if case == 1:
            client, server = open_from_both_sides(recording, version)
            time.sleep(0.03)  # between the peer's SYN and its SYN/ACK
            abort(client)
            time.sleep(0.3)
            server.close()
            return
        first, second = recording.connect(listeners[version], version)
        exchange(first, second, size=300)
        if i & 1:
            first, second = second, first
        if case == 3:
            second.sendall(b"unread")
            time.sleep(0.05)
        elif case == 4:
            stop_sending(first)
            time.sleep(0.01)
        elif case == 5:
            stop_sending(first)
            time.sleep(0.15)
        elif case in (6, 7):
            stop_sending(second)
            time.sleep(0.1)
            if case == 7:
                stop_sending(first)
                time.sleep(0.01)
        elif case == 8:
            stop_sending(first)
            stop_sending(second)
            time.sleep(0.032 if i & 2 else 0.2)  # CLOSING, or TIME_WAIT
        abort(first)
        time.sleep(0.2)
        attempt(second.recv, 10)
        second.close()

    recording.in_parallel(count, talk, 2)
    time.sleep(0.5)


def overflow(recording, count):
    """A listener whose queue of two is emptied late, or never."""
    listening = {}
    for version in (4, 6):
        listening[version] = recording.socket("server", version)
        listening[version].bind((recording.address("server", version), recording.port()))
        listening[version].listen(1)
    ends = []

    def call(i, version):
        client = recording.client(version)
        client.settimeout(6)
        attempt(client.connect, listening[version].getsockname()[:2])
        if i // 2 % 3 == 0:
            attempt(client.sendall, b"early data")
        time.sleep(1)
        if i // 2 % 3 == 1:
            attempt(client.close)
        else:
            ends.append(client)

    calls = threading.Thread(target=recording.in_parallel, args=(count, call, 0.5))
    calls.start()
    time.sleep(2.5)
    listening[4].settimeout(2)
    while not isinstance(accepted := attempt(listening[4].accept), OSError):
        ends.append(accepted[0])
    calls.join()
    for end in [*listening.values(), *ends]:
        attempt(end.close)
    time.sleep(1)


@workload(
    "overflow-aborts",
    count=24,
    server_sysctls={
        "net.ipv4.tcp_abort_on_overflow": 1,
        "net.ipv4.tcp_synack_retries": 3,
        "net.ipv4.tcp_syncookies": 0,
    },
)
def overflow_aborts(recording, count):
    """tcp_abort_on_overflow: a full accept queue answers the third segment with a reset"""
    overflow(recording, count)


@workload(
    "overflow-ignored",
    count=24,
    server_sysctls={"net.ipv4.tcp_synack_retries": 2, "net.ipv4.tcp_syncookies": 0},
)
def overflow_ignored(recording, count):
    """a full accept queue ignores third segments; one listener accepts late, one never"""
    overflow(recording, count)


@workload(
    "rapid-reuse",
    count=6,
    sysctls={
        "net.ipv4.tcp_tw_reuse": 1,
        "net.ipv4.tcp_tw_reuse_delay": 1,
        "net.ipv4.ip_local_port_range": "20000 20011",
    },
)
def rapid_reuse(recording, count):
    """twelve client ports, thirty connections after each other in each of six threads: SYNs
    leave TIME_WAIT and meet it, within milliseconds"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        for turn in range(30):
            client = recording.client(version)
            client.settimeout(3)
            if isinstance(attempt(client.connect, listeners[version].address), OSError):
                client.close()
                time.sleep(0.1)
                continue
            server = listeners[version].accepted(client.getsockname())
            exchange(client, server, size=50)
            first, second = (client, server) if (i // 2 + turn) % 3 else (server, client)
            first.close()
            read_to_end(second)
            second.close()
            time.sleep(0.03 * recording.random.random())

    recording.in_parallel(count, talk, 0.5)
    time.sleep(1)


@workload("short-fin-timeout", count=48, sysctls={"net.ipv4.tcp_fin_timeout": 1})
def short_fin_timeout(recording, count):
    """tcp_fin_timeout of 1 s: orphans in FIN_WAIT2 meet late data, late FINs, or nothing"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        first, second = recording.connect(listeners[version], version)
        exchange(first, second)
        if i & 2:
            first, second = second, first
        first.close()
        time.sleep([0.3, 0.8, 2.0, 2.5, 3.0][i // 4 % 5])
        case = i % 3
        if case == 0:
            second.close()
        elif case == 1:
            attempt(second.sendall, b"late")
            time.sleep(0.2)
            second.close()
        else:
            recording.keep(second)

    recording.in_parallel(count, talk, 2)
    time.sleep(2)


@workload(
    "half-close-transfer",
    count=12,
    path=lambda recording: Path(recording.seed, recording.scaled(0.002, 0.006), loss=0.01),
)
def half_close_transfer(recording, count):
    """one side stops sending at once; the other sends half a megabyte or more, 1 % loss"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        first, second = recording.connect(listeners[version], version)
        if i & 2:
            first, second = second, first
        first.sendall(b"get")
        stop_sending(first)
        sending = threading.Thread(target=_send_long, args=(second, recording.random.random()))
        sending.start()
        read_to_end(first)
        sending.join()
        first.close()

    recording.in_parallel(count, talk, 3)
    time.sleep(1)


def _send_long(end, share):
    read_to_end(end)
    for _ in range(8 + int(share * 16)):
        end.sendall(b"t" * 65536)
    end.close()
