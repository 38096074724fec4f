"""Orderly closes: who first, how, and how far."""

import socket
import threading
import time

from ..conversation import attempt, exchange, read_to_end, stop_sending
from ..namespaces import Namespace
from .registry import workload

TCP_QUICKACK = 12


def ordinary(recording, listeners, version, first, gap=0.01):
    """One conversation that `first` ("client" or "server") ends, in one of four ways."""
    client, server = recording.connect(listeners[version], version)
    chance = recording.random
    exchange(client, server, chance.randint(1, 4))
    time.sleep(chance.random() * gap)
    closer, other = (client, server) if first == "client" else (server, client)
    if chance.random() < 0.5:
        stop_sending(closer)
    if chance.random() < 0.5:
        closer.close()
        read_to_end(other)
        time.sleep(chance.random() * gap)
        other.close()
        return
    attempt(stop_sending, closer)
    read_to_end(other)
    time.sleep(chance.random() * gap)
    other.close()
    read_to_end(closer)
    closer.close()


def either_first(recording, count, spread, gap=0.01):
    listeners = recording.listen_on_both()

    def talk(i, version):
        ordinary(recording, listeners, version, "client" if i & 2 else "server", gap)

    recording.in_parallel(count, talk, spread)


@workload("client-closes", count=80)
def client_closes(recording, count):
    """request and response, the client closes first"""
    listeners = recording.listen_on_both()
    recording.in_parallel(
        count, lambda _, version: ordinary(recording, listeners, version, "client"), 3
    )


@workload("server-closes", count=80)
def server_closes(recording, count):
    """request and response, the server closes first"""
    listeners = recording.listen_on_both()
    recording.in_parallel(
        count, lambda _, version: ordinary(recording, listeners, version, "server"), 3
    )


@workload("routed", count=80, topology="router")
def routed(recording, count):
    """either side closes; a kernel router in the middle, offloads on, no added delay"""
    either_first(recording, count, 3)


@workload("direct", count=60, topology="direct", has_offloads=False)
def direct(recording, count):
    """either side closes; both hosts on one link without offloads"""
    either_first(recording, count, 3)


@workload("loopback", count=60, topology="loopback")
def loopback(recording, count):
    """either side closes; client and server on one host's loopback interface"""
    either_first(recording, count, 3)


@workload("classic-ecn", count=40, sysctls={"net.ipv4.tcp_ecn": 1})
def classic_ecn(recording, count):
    """either side closes; explicit congestion notification, RFC 3168"""
    either_first(recording, count, 2)


def no_accurate_ecn():
    namespace = Namespace()
    try:
        with namespace, open("/proc/sys/net/ipv4/tcp_ecn", "w") as setting:
            setting.write("3")
    except OSError:
        return "this kernel has no accurate ECN"
    finally:
        namespace.close()
    return None


@workload("accurate-ecn", count=30, missing=no_accurate_ecn, sysctls={"net.ipv4.tcp_ecn": 3})
def accurate_ecn(recording, count):
    """either side closes; accurate ECN, with its three flags in the SYN"""
    either_first(recording, count, 2)


@workload("simultaneous-close", count=60, delay=(0.008, 0.02))
def simultaneous_close(recording, count):
    """both sides send their FIN before they see the other's"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        time.sleep(0.05)
        together = threading.Barrier(2)

        def close(end, at_once):
            together.wait()
            if not at_once:
                stop_sending(end)
                attempt(read_to_end, end)
            end.close()

        other = threading.Thread(target=close, args=(server, i % 8 < 4))
        other.start()
        close(client, i % 4 < 2)
        other.join()

    recording.in_parallel(count, talk, 2)


@workload("half-close", count=40)
def half_close(recording, count):
    """one side stops sending, the other goes on for seconds, then closes"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        first, second = recording.connect(listeners[version], version)
        exchange(first, second)
        if i % 4 == 3:
            first, second = second, first
        stop_sending(first)
        read_to_end(second)
        for _ in range(recording.random.randint(3, 12)):
            second.sendall(b"d" * recording.random.randint(1, 4000))
            time.sleep(recording.random.random() * 0.5)
        second.close()
        read_to_end(first)
        first.close()

    recording.in_parallel(count, talk, 2)


@workload("close-wait-leak", count=30)
def close_wait_leak(recording, count):
    """the server never closes: the recording ends in CLOSE_WAIT and FIN_WAIT2"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        recording.keep(server)
        if i % 3:
            stop_sending(client)
            recording.keep(client)
        else:
            client.close()

    recording.in_parallel(count, talk, 2)
    time.sleep(4)


@workload("fin-wait-2-expiry", count=30, client_sysctls={"net.ipv4.tcp_fin_timeout": 6})
def fin_wait_2_expiry(recording, count):
    """orphans in FIN_WAIT2 for 6 s; then the server sends, closes, or does nothing"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        case = i % 5
        if case == 4:
            stop_sending(client)
            recording.keep(client)
        elif case == 3:
            stop_sending(client)
            time.sleep(1)
            client.close()
        else:
            client.close()
        if case == 0:
            time.sleep(2)
            server.close()
            return
        time.sleep(9)
        if case == 1:
            attempt(server.sendall, b"late")
            time.sleep(0.2)
            server.close()
        elif case == 2:
            server.close()
        else:
            recording.keep(server)

    recording.in_parallel(count, talk, 2)
    time.sleep(1)


@workload("three-segment-close", count=60)
def three_segment_close(recording, count):
    """FIN, FIN with ACK, ACK"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        first, second = recording.connect(listeners[version], version)
        exchange(first, second, 3, size=100)
        if i & 2:
            first, second = second, first
        second.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 0)
        first.sendall(b"bye")
        if i & 4:
            first.close()
        else:
            stop_sending(first)
        read_to_end(second)
        second.close()
        if not i & 4:
            read_to_end(first)
            first.close()

    recording.in_parallel(count, talk, 2)


@workload("urgent-data", count=30)
def urgent_data(recording, count):
    """urgent bytes, also just before the FIN"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        client.send(b"!", socket.MSG_OOB)
        time.sleep(0.05)
        for end in (client, server):
            end.settimeout(None)  # or Python would wait for ordinary data
        attempt(server.recv, 1, socket.MSG_OOB)
        if i & 2:
            client.sendall(b"xx")
            time.sleep(0.03)
            server.send(b"!", socket.MSG_OOB)
            time.sleep(0.05)
            attempt(client.recv, 1, socket.MSG_OOB)
        if i & 4:
            client.send(b"U", socket.MSG_OOB)
        stop_sending(client)
        attempt(read_to_end, server)
        server.close()
        attempt(read_to_end, client)
        client.close()

    recording.in_parallel(count, talk, 2)


@workload(
    "time-wait-expiry",
    count=40,
    sampling_period=0.01,
    server_sysctls={"net.ipv4.tcp_fin_timeout": 20},
)
def time_wait_expiry(recording, count):
    """a minute long: TIME_WAIT to its end, orphaned FIN_WAIT2 for 60 and for 20 s"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        if i % 8 < 6:
            first = "client" if i & 2 else "server"
            ordinary(recording, listeners, version, first)
            return
        client, server = recording.connect(listeners[version], version)
        exchange(client, server)
        closer, other = (server, client) if i % 8 == 7 else (client, server)
        closer.close()
        recording.keep(other)

    recording.in_parallel(count, talk, 2)
    time.sleep(64)


@workload(
    "time-wait-reuse",
    count=30,
    sysctls={"net.ipv4.tcp_tw_reuse": 1, "net.ipv4.tcp_tw_reuse_delay": 10},
)
def time_wait_reuse(recording, count):
    """three connections on each tuple: a SYN meets TIME_WAIT, or leaves it"""
    listeners = recording.listen_on_both()

    def talk(i, version):
        port = recording.client_port()
        for incarnation in range(3):
            client, server = recording.connect(listeners[version], version, port=port)
            exchange(client, server)
            turn = incarnation if i % 5 == 0 else 0
            if (i + turn) // 2 % 3 == 0:
                client.close()
                read_to_end(server)
                server.close()
            else:
                server.close()
                read_to_end(client)
                client.close()
            time.sleep(1.2 + recording.random.random())

    recording.in_parallel(count, talk, 2)
