"""Captures that a stranger can make: kinds of traffic in which one thing grows with `n`.

Each kind is aimed at a place where the cost of an event might grow with what came before it.
Every frame is Ethernet; a capture is classic pcap with nanoseconds, or pcapng where it is about
interfaces and sections.
"""

import struct

START = 1_700_000_000 * 10**9
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SERVER = 0x0B000001
CLIENT = 0x0A000001


def segment(port, peer_port, sequence, acknowledgment, flags, payload=b"", window=65535):
    """A TCP segment without options and checksum."""
    return (
        struct.pack(
            ">HHIIBBHHH",
            port & 0xFFFF,
            peer_port & 0xFFFF,
            sequence & 0xFFFFFFFF,
            acknowledgment & 0xFFFFFFFF,
            0x50,
            flags,
            window,
            0,
            0,
        )
        + payload
    )


def ipv4(source, destination, body, protocol=6):
    """An IPv4 packet."""
    head = struct.pack(
        ">BBHHHBBHII",
        0x45,
        0,
        20 + len(body),
        0,
        0,
        64,
        protocol,
        0,
        source & 0xFFFFFFFF,
        destination & 0xFFFFFFFF,
    )
    return head + body


def ethernet(packet, tags=()):
    """An Ethernet frame with VLAN tags."""
    between = b"".join(struct.pack(">HH", 0x8100, tag) for tag in tags)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2" + between + b"\x08\0" + packet


def vxlan(frame, network):
    """A VXLAN packet (RFC 7348) around a frame."""
    body = struct.pack(">II", 0x08000000, network << 8) + frame
    udp = struct.pack(">HHHH", 40_000, 4789, 8 + len(body), 0) + body
    return ethernet(ipv4(0x0A4D0001, 0x0A4D0002, udp, protocol=17))


def client(number):
    """One of many clients: address and port."""
    return CLIENT + (number >> 14), 1024 + (number & 16383)


class Conversation:
    """Both ends of one connection to a server."""

    def __init__(self, number=0, source=None, server=SERVER, server_port=80):
        self.source, self.port = client(number)
        if source is not None:
            self.source, self.port = source, 4000
        self.server, self.server_port = server, server_port

    def out(self, sequence, acknowledgment, flags, payload=b"", window=65535):
        body = segment(
            self.port, self.server_port, sequence, acknowledgment, flags, payload, window
        )
        return ethernet(ipv4(self.source, self.server, body))

    def back(self, sequence, acknowledgment, flags):
        body = segment(self.server_port, self.port, sequence, acknowledgment, flags)
        return ethernet(ipv4(self.server, self.source, body))

    def syn(self):
        return self.out(1000, 0, SYN)

    def opened(self):
        return [self.syn(), self.back(5000, 1001, SYN | ACK), self.out(1001, 5001, ACK)]


LATER = ethernet(ipv4(SERVER, 1, segment(1, 2, 3, 4, RST)))


def steps(frames, start=START, step=1000):
    """Frames at a steady pace."""
    for number, frame in enumerate(frames):
        yield start + number * step, frame


def then_late(frames):
    """Frames, and one more when what is quiet has been quiet for long."""
    time = START
    for time, frame in steps(frames):
        yield time, frame
    yield time + 400 * 10**9, LATER


def half_closed(n, order):
    """All open, then the server's FINs in an order."""
    talks = [Conversation(number) for number in range(n)]
    frames = [frame for talk in talks for frame in talk.opened()]
    for number in order(range(n)):
        talk = talks[number]
        frames += [talk.out(1001, 5001, FIN | ACK), talk.back(5001, 1002, ACK)]
    return then_late(frames)


def syns_back_in_time(n):
    """Each SYN to one service six seconds before the last one."""
    return [(START - number * 6 * 10**9, Conversation(number).syn()) for number in range(n)]


def incarnations(n):
    """One port pair, a new connection with each SYN."""
    talk = Conversation()
    return steps(talk.out(1000 + number * 77777, 0, SYN) for number in range(n))


def visits_of_one_port(n):
    """One port pair: opened and reset, again and again."""
    talk = Conversation()
    frames = []
    for number in range(n):
        first = 1000 + number * 77777
        frames += [
            talk.out(first, 0, SYN),
            talk.back(first + 5, first + 1, SYN | ACK),
            talk.out(first + 1, first + 6, ACK),
            talk.out(first + 1, first + 6, RST | ACK),
        ]
    return steps(frames)


def empty_visits(n):
    """One host after another opens a connection and resets it."""
    frames = []
    for number in range(n):
        talk = Conversation(source=CLIENT + number * 7)
        frames += [*talk.opened(), talk.out(1001, 5001, RST | ACK)]
    return steps(frames)


def resets_in_window(n):
    """One connection, and RSTs with numbers that its window has room for."""
    talk = Conversation()
    guesses = (talk.back(5002 + number * 7919 % 60000, 1001, RST) for number in range(n))
    return steps([*talk.opened(), *guesses])


def stray_resets(n):
    """RSTs of connections that never were."""
    return steps(Conversation(number).out(5001, 1001, RST) for number in range(n))


def refused_scan(n):
    """One host tries every port of one server after another; all are closed."""
    frames = []
    for number in range(n):
        talk = Conversation(
            source=CLIENT, server=SERVER + (number >> 16), server_port=number & 0xFFFF
        )
        frames += [talk.syn(), talk.back(0, 1001, RST | ACK)]
    return steps(frames)


def services(n):
    """A SYN each to another service."""
    return steps(
        Conversation(
            source=CLIENT,
            server=0x20000000 + number * 2654435761 % 0x60000000,
            server_port=number * 40503,
        ).syn()
        for number in range(n)
    )


def holes(n):
    """One connection, each segment of which leaves a hole."""
    talk = Conversation()
    data = (talk.out(3001 + 2000 * number, 5001, ACK | PSH, b"x") for number in range(n))
    return steps([*talk.opened(), *data])


def early_fins(n):
    """One connection with FINs that nothing before has reached."""
    talk = Conversation()
    fins = (talk.out(1201 + 200 * number, 5001, ACK | FIN) for number in range(n))
    return steps([*talk.opened(), *fins])


def acknowledgments(n):
    """One connection with a closed window, acknowledged byte by byte."""
    talk = Conversation()
    return steps(
        [*talk.opened(), *(talk.out(1001, 5001 + number, ACK, b"", 0) for number in range(n))]
    )


def repeated_fins(n):
    """One connection whose FIN is acknowledged and comes again."""
    talk = Conversation()
    frames = talk.opened()
    for _ in range(n):
        frames += [talk.out(1001, 5001, FIN | ACK), talk.back(5001, 1002, ACK)]
    return steps(frames)


def waiting_data(n):
    """Connections with data that nobody acknowledges."""
    frames = []
    for number in range(n):
        talk = Conversation(number)
        frames += [*talk.opened()[:2], talk.out(1001, 5001, ACK | PSH, b"x")]
    return frames


def clock_in_seconds(n):
    """Then a frame each two seconds."""
    yield from steps(waiting_data(n), step=10)
    for number in range(n):
        yield START + (number + 1) * 2 * 10**9, LATER


def clock_in_turns(n):
    """Then a frame each time the timer wheel has turned once."""
    yield from steps(waiting_data(n), step=10)
    for number in range(n):
        yield START + number * 1030 * 10**9, LATER


def unreachable(n):
    """SYNs, each answered by an ICMP error that quotes it."""
    frames = []
    for number in range(n):
        talk = Conversation(number)
        quoted = talk.syn()[14:]
        body = b"\3\1\0\0\0\0\0\0" + quoted[:28]
        frames += [talk.syn(), ethernet(ipv4(9, talk.source, body, protocol=1))]
    return steps(frames)


def time_waits(n):
    """Both ends of connections between ever new hosts close."""
    frames = []
    for number in range(n):
        talk = Conversation(source=CLIENT + number * 7, server=0x20000000 + number * 13)
        frames += [
            *talk.opened(),
            talk.out(1001, 5001, FIN | ACK),
            talk.back(5001, 1002, FIN | ACK),
            talk.out(1002, 5002, ACK),
        ]
    return steps(frames)


def vlans(n):
    """One address pair on ever new pairs of VLANs."""
    packet = Conversation().syn()[14:]
    return steps(ethernet(packet, (1 + number % 4094, 1 + number // 4094)) for number in range(n))


def answered_on_vlans(n):
    """The same, and then answers on each of them, the last one first."""
    talk = Conversation()
    syn, answer = talk.syn()[14:], talk.back(5000, 1001, SYN | ACK)[14:]
    tags = [(1 + number % 4094, 1 + number // 4094) for number in range(n)]
    return steps(
        [ethernet(syn, pair) for pair in tags] + [ethernet(answer, pair) for pair in reversed(tags)]
    )


def tunnels(n):
    """One address pair in ever new VXLAN networks."""
    inner = Conversation().syn()
    return steps(vxlan(inner, number) for number in range(n))


def mirrored(n):
    """Pairs of addresses that mirror each other, with equal ports."""
    return steps(
        ethernet(
            ipv4(
                CLIENT & 0xFF000000 | number,
                0x0A020000 | ~number & 0xFFFF,
                segment(443, 443, 1000, 0, SYN),
            )
        )
        for number in range(n)
    )


def full_table(n):
    """A table of open connections that were half-open, but for one; then as many SYNs again."""
    frames = [Conversation(number).syn() for number in range(n)]
    for number in range(n - 1):
        frames += Conversation(number).opened()[1:]
    frames += [Conversation(number).syn() for number in range(n, 2 * n)]
    return steps(frames)


def block(kind, body):
    """A pcapng block."""
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def option(code, value):
    """A pcapng option."""
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


SECTION = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(number):
    """An interface with a name and a description."""
    texts = option(2, b"interface%d" % number) + option(3, b"description" * 8)
    return block(1, struct.pack("<HHI", 1, 0, 262144) + texts)


def packet(number, which):
    """A SYN on an interface."""
    frame = Conversation().syn()
    micros = START // 1000 + number
    head = struct.pack("<IIIII", which, micros >> 32, micros & 0xFFFFFFFF, len(frame), len(frame))
    return block(6, head + frame)


def interfaces(n):
    """One address pair on ever new interfaces."""
    blocks = [SECTION, *(interface(number) for number in range(n))]
    return blocks + [packet(number, number) for number in range(n)]


def sections(n):
    """The same, each in a section of its own."""
    return [part for number in range(n) for part in (SECTION, interface(number), packet(number, 0))]


# By name: what makes it, and what is run on it, in which {n} stands for the size.
REPORT = "report --json --threads 1"
EVERYTHING = "report --all --json --threads 1"
KINDS = {
    "half-closed": (lambda n: half_closed(n, list), (REPORT, EVERYTHING, "connections")),
    "half-closed-reversed": (
        lambda n: half_closed(n, lambda numbers: list(numbers)[::-1]),
        (REPORT, EVERYTHING),
    ),
    "syns-back-in-time": (syns_back_in_time, (REPORT,)),
    "incarnations": (incarnations, (REPORT, "transitions --json")),
    "visits-of-one-port": (visits_of_one_port, (REPORT, EVERYTHING)),
    "empty-visits": (empty_visits, (REPORT, EVERYTHING)),
    "resets-in-window": (resets_in_window, (REPORT, "explain --stream 0")),
    "stray-resets": (stray_resets, (REPORT, EVERYTHING)),
    "refused-scan": (refused_scan, (REPORT, EVERYTHING)),
    "services": (services, (REPORT, EVERYTHING)),
    "holes": (holes, (REPORT, "explain --stream 0")),
    "early-fins": (early_fins, (REPORT, "explain --stream 0")),
    "acknowledgments": (acknowledgments, (REPORT, "explain --stream 0")),
    "repeated-fins": (repeated_fins, (REPORT, "explain --stream 0")),
    "clock-in-seconds": (clock_in_seconds, (REPORT, "netstat --histogram")),
    "clock-in-turns": (clock_in_turns, (REPORT, "netstat --histogram")),
    "unreachable": (unreachable, (REPORT, EVERYTHING)),
    "time-waits": (time_waits, (REPORT, EVERYTHING, "netstat")),
    "vlans": (vlans, (REPORT, "transitions --json")),
    "answered-on-vlans": (answered_on_vlans, (REPORT, "transitions --json")),
    "tunnels": (tunnels, (REPORT,)),
    "mirrored": (mirrored, (REPORT,)),
    "full-table": (full_table, (REPORT + " --max-connections {n}",)),
    "interfaces": (interfaces, (REPORT,)),
    "sections": (sections, (REPORT,)),
}

# One of each class: aggregation, order of time, hash, scopes, eviction, one long connection, files.
QUICK = (
    "refused-scan",
    "empty-visits",
    "syns-back-in-time",
    "mirrored",
    "answered-on-vlans",
    "tunnels",
    "full-table",
    "repeated-fins",
    "interfaces",
)


def write(kind, n, path):
    """Writes a capture of a kind and a size."""
    content = KINDS[kind][0](n)
    with open(path, "wb") as file:
        if kind in ("interfaces", "sections"):
            file.writelines(content)
            return
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for time, frame in content:
            second, nanos = divmod(time, 10**9)
            file.write(struct.pack("<IIII", second, nanos, len(frame), len(frame)) + frame)
