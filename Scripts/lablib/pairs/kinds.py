"""The kinds of pairs: what happens on the path, how the captures differ, what is the verdict."""

import dataclasses
import functools
import socket
import threading
import time

from ..boxes import DeafPath, ForgetfulBox, ForgingBox
from ..cases.translation import masquerade
from ..conversation import abort, attempt, close_in_turn, exchange, receive_exactly, stop_sending
from ..forwarder import TO_CLIENT, TO_SERVER, NarrowPath, Path
from . import boxes
from .captures import Edit

SERVICE, PULSE = 8080, 81
KINDS = {}
DELAY = (0.004, 0.012)


@dataclasses.dataclass
class Kind:
    """One pair. `verdict` are fields that the first verdict on each connection to the
    service has; `edits` maps a tap to a function from a random source to its edit."""

    name: str
    play: object
    path: object
    verdict: dict
    edits: dict
    setting: dict
    is_drifting: bool = False
    is_traced: bool = True
    taps: tuple = ("client", "server")

    @property
    def description(self):
        return " ".join(self.play.__doc__.split())


def kind(name, verdict=None, path=None, edits=None, **more):
    """Registers a kind; `path` makes the path of a seed and of a recording, `more` are
    further fields and settings of the recording. What is not traced has no fates."""

    def register(play):
        make = path or (lambda seed, recording: Path(seed, DELAY))
        fields = {field.name for field in dataclasses.fields(Kind)} & set(more)
        own = {field: more.pop(field) for field in fields}
        KINDS[name] = Kind(name, play, make, verdict or {}, edits or {}, more, **own)
        return play

    return register


def said(kind, sender=None, actor="between", **more):
    """A verdict's fields; a sender of None may be anybody."""
    fields = {"path_verdict": kind, "actor": actor, **more}
    return {**fields, "sender": sender} if sender else fields


def on_service(recording, talk, count=4, version=None, **options):
    """Runs `talk(client, server)` over connections to the service, and others beside them."""
    versions = (version,) if version else (4, 6)
    listeners = {v: recording.listen(v, SERVICE, **options) for v in versions}

    def run(i, v):
        v = version or v
        client, server = recording.connect(listeners[v], v)
        talk(client, server)
        recording.keep(client, server)

    recording.in_parallel(count, run)


def going_on(recording, seconds):
    """Lets time pass in which other connections show that the taps are there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        recording.background(1)
        time.sleep(0.4)


def chat(client, server, rounds=3):
    exchange(client, server, rounds=rounds)


def ordinary(client, server):
    exchange(client, server, rounds=4)
    close_in_turn(client, server)


def upload(client, server, size=150_000):
    """Much data to the server, then a little back, then both close."""
    reader = threading.Thread(target=attempt, args=(receive_exactly, server, size))
    reader.start()
    client.sendall(b"u" * size)
    reader.join()
    server.sendall(b"d" * 30_000)
    receive_exactly(client, 30_000)
    close_in_turn(client, server)


CLOSED = said("closed", "client", "client")


@kind("plain", CLOSED)
def _(recording):
    """Connections that open, exchange data and close."""
    on_service(recording, ordinary, count=8)


def lossy(seed, recording):
    return Path(seed, DELAY, loss=0.03)


def rough(seed, recording):
    return Path(seed, DELAY, loss=0.01, duplicates=0.02, reordering=0.1)


@kind("loss", path=lossy)
def _(recording):
    """Three segments in a hundred are lost, both ways."""
    on_service(recording, upload)


@kind("rough", path=rough)
def _(recording):
    """Loss, copies and segments that overtake others."""
    on_service(recording, upload)


@kind("loss-at-client-side-tap", path=lossy, snapshot_length=96)
def _(recording):
    """Loss under headers alone."""
    on_service(recording, upload)


@kind("client-aborts", said("reset-arrived", "client", "client", grade="proved"))
def _(recording):
    """The client resets."""

    def talk(client, server):
        chat(client, server)
        abort(client)

    on_service(recording, talk)


@kind("server-aborts", said("reset-arrived", "server", "server", grade="proved"))
def _(recording):
    """The server resets."""

    def talk(client, server):
        chat(client, server)
        abort(server)

    on_service(recording, talk)


@kind("refused", said("reset-arrived", "server", "server", grade="proved"))
def _(recording):
    """Nothing listens at the service's port."""

    def call(i, version):
        client = recording.client(version)
        attempt(client.connect, (recording.address("server", version), SERVICE))
        client.close()

    recording.in_parallel(4, call)


WORD = b"please kill this connection now, dear box in the middle of the path"


@kind(
    "forged-resets",
    said("reset-between"),
    path=lambda seed, recording: ForgingBox(seed, SERVICE, WORD, delay=DELAY),
)
def _(recording):
    """A box resets both ends in each other's name when it sees a word."""

    def talk(client, server):
        chat(client, server)
        client.sendall(WORD)
        time.sleep(0.3)

    on_service(recording, talk)


def forgetful(resets):
    def make(seed, recording):
        return ForgetfulBox(seed, SERVICE, 1.2, resets=resets, delay=DELAY)

    return make


def after_silence(recording, seconds=2.0):
    def talk(client, server):
        chat(client, server)
        time.sleep(1.6)
        attempt(client.sendall, b"late" * 50)
        time.sleep(seconds)

    return talk


@kind("box-forgets", said("dropped", "client"), path=forgetful(False))
def _(recording):
    """A box drops what follows a silence."""
    others = threading.Thread(target=going_on, args=(recording, 5))
    others.start()
    on_service(recording, after_silence(recording))
    others.join()


@kind("box-forgets-and-resets", said("reset-between", "server"), path=forgetful(True))
def _(recording):
    """A box answers what follows a silence with a RST in the server's name."""
    others = threading.Thread(target=going_on, args=(recording, 4))
    others.start()
    on_service(recording, after_silence(recording, 0.5))
    others.join()


def deaf(is_lost):
    """Drops what `is_lost` says of connections to the service, once it is told to begin."""

    def make(seed, recording):
        return DeafPath(seed, SERVICE, is_lost, delay=DELAY)

    return make


def after_bytes(direction, count=2500):
    """Everything of one direction is lost once so much of it has passed."""

    def is_lost(segment, flow, kind):
        is_to_server = segment.destination_port == SERVICE
        if is_to_server != (direction == TO_SERVER):
            return False
        flow.held["seen"] = flow.held.get("seen", 0) + segment.length
        return flow.held["seen"] > count

    return is_lost


def talk_until_dropped(client, server):
    exchange(client, server, rounds=2, size=1000)
    attempt(client.sendall, b"c" * 1200)
    attempt(server.sendall, b"s" * 1200)
    time.sleep(2.5)


@kind("firewall-drops-client", said("dropped", "client"), path=deaf(after_bytes(TO_SERVER)))
def _(recording):
    """A firewall drops what the client sends, from some byte on."""
    others = threading.Thread(target=going_on, args=(recording, 5))
    others.start()
    on_service(recording, talk_until_dropped)
    others.join()


@kind("firewall-drops-server", said("dropped", "server"), path=deaf(after_bytes(TO_CLIENT)))
def _(recording):
    """A firewall drops what the server sends, from some byte on."""
    others = threading.Thread(target=going_on, args=(recording, 5))
    others.start()
    on_service(recording, talk_until_dropped)
    others.join()


def dropping(*kinds):
    return deaf(lambda segment, flow, kind: kind in kinds)


def call_in_vain(recording):
    def call(i, version):
        client = recording.client(version)
        client.settimeout(2.5)
        attempt(client.connect, (recording.address("server", version), SERVICE))
        client.close()

    others = threading.Thread(target=going_on, args=(recording, 4))
    others.start()
    recording.in_parallel(4, call)
    others.join()


@kind("syns-dropped", said("syn-lost", "client"), path=dropping("SYNc"))
def _(recording):
    """SYNs to the service never arrive."""
    reached = recording.listen(4, 8081)
    client, server = recording.connect(reached, 4)
    close_in_turn(client, server)
    call_in_vain(recording)


@kind("syn-acks-dropped", said("syn-ack-lost", "server"), path=dropping("SYNACK"))
def _(recording):
    """The server's SYN,ACKs never arrive."""
    recording.listen_on_both(port=SERVICE)
    call_in_vain(recording)


def half_closed(end_of):
    def talk(client, server):
        chat(client, server)
        stop_sending(client if end_of == "client" else server)
        time.sleep(2.5)

    return talk


@kind("client-fin-dropped", said("fin-lost", "client"), path=dropping("FINc"))
def _(recording):
    """The client's FIN never arrives."""
    others = threading.Thread(target=going_on, args=(recording, 4))
    others.start()
    on_service(recording, half_closed("client"))
    others.join()


@kind("server-fin-dropped", said("fin-lost", "server"), path=dropping("FINs"))
def _(recording):
    """The server's FIN never arrives."""
    others = threading.Thread(target=going_on, args=(recording, 4))
    others.start()
    on_service(recording, half_closed("server"))
    others.join()


@kind("reset-dropped", said("reset-lost", "server"), path=dropping("RSTs"))
def _(recording):
    """The server's RST never arrives."""

    def talk(client, server):
        chat(client, server)
        abort(server)
        time.sleep(0.5)

    others = threading.Thread(target=going_on, args=(recording, 3))
    others.start()
    on_service(recording, talk)
    others.join()


@kind(
    "balancer-refuses",
    said("reset-between", "server"),
    path=lambda seed, recording: boxes.RefusingBox(seed, SERVICE, delay=DELAY),
)
def _(recording):
    """A balancer without a server answers SYNs with RSTs in its name."""
    reached = recording.listen(4, 8081)
    for _ in range(2):
        client, server = recording.connect(reached, 4)
        close_in_turn(client, server)
    reached = recording.listen(6, 8081)
    client, server = recording.connect(reached, 6)
    close_in_turn(client, server)
    call_in_vain(recording)


@kind(
    "firewall-prohibits",
    said("syn-lost", "client"),
    path=lambda seed, recording: boxes.RefusingBox(
        seed, SERVICE, bytes((10, 9, 9, 9)), delay=DELAY
    ),
)
def _(recording):
    """A firewall answers SYNs with an ICMP error of its own."""
    reached = recording.listen(4, 8081)
    client, server = recording.connect(reached, 4)
    close_in_turn(client, server)

    def call(i, version):
        client = recording.client(4)
        client.settimeout(2)
        attempt(client.connect, (recording.address("server", 4), SERVICE))
        client.close()

    recording.in_parallel(3, call)
    recording.background()


@kind(
    "acknowledging-box",
    said("acknowledged-between", "server"),
    path=lambda seed, recording: boxes.AcknowledgingBox(seed, SERVICE, delay=DELAY),
)
def _(recording):
    """A box acknowledges the client's data in the server's name."""
    on_service(recording, ordinary)


@kind(
    "syn-proxy",
    said("answered-between", "server"),
    path=lambda seed, recording: boxes.SYNProxy(seed, SERVICE, delay=DELAY),
)
def _(recording):
    """A SYN proxy answers SYNs and shifts the server's numbers."""

    def talk(client, server):
        time.sleep(0.2)
        exchange(client, server, rounds=2, size=400)
        close_in_turn(client, server)

    others = threading.Thread(target=going_on, args=(recording, 3))
    others.start()
    on_service(recording, talk)
    others.join()


def changing(change):
    return lambda seed, recording: boxes.ChangingBox(seed, change, delay=DELAY)


def clamp(frame, segment, direction, flow):
    return boxes.with_mss(frame, 1300) if segment.flags & 2 else frame


@kind("mss-clamped", said("altered"), path=changing(clamp))
def _(recording):
    """A router lowers the MSS of SYNs."""
    on_service(recording, ordinary)


def strip(frame, segment, direction, flow):
    if not segment.flags & 2:
        return frame
    return boxes.without_options(frame, boxes.TIMESTAMPS, boxes.WINDOW_SCALE, boxes.SACK_PERMITTED)


@kind("options-stripped", said("altered"), path=changing(strip))
def _(recording):
    """A firewall removes options of SYNs."""
    on_service(recording, ordinary)


def shift(frame, segment, direction, flow):
    amount = flow.held.setdefault("shift", 0x7000_0000 + flow.index * 77_777)
    if direction == TO_SERVER:
        return boxes.rewritten(frame, sequence=(segment.sequence + amount) % boxes.MODULUS)
    back = (segment.acknowledgment - amount) % boxes.MODULUS
    return boxes.rewritten(frame, acknowledgment=back) if segment.flags & 16 else frame


@kind("numbers-shifted", said("altered"), path=changing(shift))
def _(recording):
    """A firewall shifts the client's sequence numbers."""
    on_service(recording, ordinary)


OLD, NEW = b"PORT 10,1,1,1", b"PORT 99,9,9,9"


def rephrase(frame, segment, direction, flow):
    return boxes.with_payload(frame, OLD, NEW)


@kind("payload-altered", said("payload-altered", "client"), path=changing(rephrase))
def _(recording):
    """An application gateway changes a command's text."""

    def talk(client, server):
        chat(client, server)
        client.sendall(OLD + b",4,1\r\n")
        receive_exactly(server, len(OLD) + 6)
        close_in_turn(client, server)

    on_service(recording, talk)


def renumber(frame, segment, direction, flow):
    flow.held["number"] = flow.held.get("number", 1000) + 1
    return boxes.with_identification(frame, flow.held["number"] * 7)


@kind("identification-rewritten", CLOSED, path=changing(renumber))
def _(recording):
    """A router gives IPv4 packets identifications of its own."""
    on_service(recording, ordinary, version=4)


def packed(recording, side, version=4):
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    return socket.inet_pton(family, recording.address(side, version))


def translator(**options):
    def make(seed, recording):
        seen = recording.translated_client()
        outside = {packed(recording, "client"): seen}
        return boxes.Translator(seed, outside, (SERVICE, PULSE), delay=DELAY, **options)

    return make


@kind("translated", CLOSED, path=translator())
def _(recording):
    """A translator shows the clients under another address, with other ports."""
    translated(recording, ordinary)


def translated(recording, talk, count=4):
    listener = recording.listen(4, SERVICE)

    def run(i, version):
        client = recording.client(4)
        client.connect((recording.address("server", 4), SERVICE))
        server = listener.next_accepted()
        talk(client, server)
        recording.keep(client, server)

    for i in range(count):
        run(i, 4)


@kind("translated-lossy", path=translator(loss=0.03))
def _(recording):
    """A translator on a path that loses segments."""
    translated(recording, functools.partial(upload, size=60_000))


@kind(
    "translated-and-shifted",
    said("altered"),
    path=translator(shift=0x6000_1000),
)
def _(recording):
    """A translator that shifts the clients' sequence numbers."""
    translated(recording, ordinary)


@kind(
    "translator-forgets",
    said("dropped", "client"),
    path=translator(idle=1.2),
)
def _(recording):
    """A translator forgets a quiet connection and drops what follows."""
    translated(recording, after_silence(recording), count=2)
    translated_pulse(recording)


@kind(
    "translator-forgets-and-resets",
    said("reset-between", "server"),
    path=translator(idle=1.2, resets=True),
)
def _(recording):
    """A translator forgets a quiet connection and resets what follows."""
    translated(recording, after_silence(recording, 0.5), count=2)
    translated_pulse(recording)


def translated_pulse(recording):
    """Connections after all others, which show that the taps are still there."""
    listener = recording.listen(4, PULSE)
    for _ in range(3):
        client = recording.client(4)
        client.connect((recording.address("server", 4), PULSE))
        server = listener.next_accepted()
        exchange(client, server, size=300)
        close_in_turn(client, server)


@kind(
    "narrow-path",
    said("dropped", "client"),
    path=lambda seed, recording: NarrowPath(seed, 1300, delay=DELAY),
)
def _(recording):
    """Segments larger than the path takes vanish."""

    def talk(client, server):
        exchange(client, server, rounds=1, size=500)
        attempt(client.sendall, b"w" * 5000)
        time.sleep(2.5)

    others = threading.Thread(target=going_on, args=(recording, 4))
    others.start()
    on_service(recording, talk)
    others.join()


@kind(
    "rotated",
    CLOSED,
    edits={"server": lambda chance: Edit(files=4), "client": lambda chance: Edit(files=3)},
)
def _(recording):
    """Both captures are rotated."""
    on_service(recording, ordinary, count=8)


@kind(
    "snapshots-differ",
    edits={
        "server": lambda chance: Edit(snapshot_length=96, is_micro=True),
        "client": lambda chance: Edit(snapshot_length=170),
    },
    path=rough,
)
def _(recording):
    """One capture has headers alone and microseconds, the other one some payload."""
    on_service(recording, upload)


def late(chance):
    return Edit(start=chance.uniform(0.3, 0.5))


def early(chance):
    return Edit(end=chance.uniform(0.6, 0.8))


def slow_talk(client, server):
    for _ in range(12):
        exchange(client, server, rounds=1, size=700)
        time.sleep(0.15)
    close_in_turn(client, server)


@kind("server-tap-late", edits={"server": late})
def _(recording):
    """The capture at the server begins in the middle."""
    on_service(recording, slow_talk, count=6)


@kind("client-tap-early", edits={"client": early})
def _(recording):
    """The capture at the client ends in the middle."""
    on_service(recording, slow_talk, count=6)


@kind("late-and-lossy", edits={"server": late, "client": early}, path=lossy)
def _(recording):
    """One capture begins late, the other ends early, and the path loses segments."""
    on_service(recording, slow_talk, count=6)


def stepping(chance):
    return Edit(step=chance.choice((-0.8, 0.5)), step_at=chance.uniform(0.4, 0.6))


@kind("clock-set", CLOSED, edits={"server": stepping})
def _(recording):
    """The server's clock is set meanwhile."""
    on_service(recording, slow_talk, count=6)


def minute(recording, path_length=66):
    listeners = recording.listen_on_both(port=SERVICE)
    end = time.monotonic() + path_length
    while time.monotonic() < end:
        for version in (4, 6):
            client, server = recording.connect(listeners[version], version)
            exchange(client, server, rounds=3)
            close_in_turn(client, server)
        time.sleep(0.3)


def steady(loss=0, **options):
    """One delay for all connections, as between two hosts on one route."""
    return lambda seed, recording: Path(seed, (0.006, 0.006), loss=loss, **options)


@kind("drift", CLOSED, path=steady(), is_drifting=True)
def _(recording):
    """More than a minute, with clocks that drift."""
    minute(recording)


@kind("drift-rough", path=steady(0.01, duplicates=0.02, reordering=0.1), is_drifting=True)
def _(recording):
    """More than a minute on a rough path, with clocks that drift."""
    minute(recording)


THREE_TAPS = {"taps": ("client", "middle", "server"), "is_traced": False}


@kind(
    "three-taps-drop",
    said("dropped", "client", from_tap="middle", to_tap="server"),
    path=deaf(after_bytes(TO_SERVER)),
    **THREE_TAPS,
)
def _(recording):
    """A firewall behind a tap in the middle drops what the client sends."""
    others = threading.Thread(target=going_on, args=(recording, 5))
    others.start()
    on_service(recording, talk_until_dropped)
    others.join()


@kind(
    "three-taps-forged",
    said("reset-between", "server", from_tap="server", to_tap="middle"),
    path=lambda seed, recording: ForgetfulBox(seed, SERVICE, 1.2, resets=True, delay=DELAY),
    **THREE_TAPS,
)
def _(recording):
    """A box behind a tap in the middle resets what follows a silence."""
    others = threading.Thread(target=going_on, args=(recording, 4))
    others.start()
    on_service(recording, after_silence(recording, 0.5))
    others.join()


@kind(
    "three-taps-abort",
    said("reset-arrived", "server", "server", grade="proved"),
    path=lambda seed, recording: Path(seed, DELAY),
    **THREE_TAPS,
)
def _(recording):
    """The server resets, and the tap in the middle sees it pass."""

    def talk(client, server):
        chat(client, server)
        abort(server)

    on_service(recording, talk)


@kind("kernel-translates", CLOSED, topology="gateway", is_traced=False)
def _(recording):
    """The kernel of a gateway shows the clients under its own address."""
    masquerade(recording)
    listener = recording.listen(4, SERVICE)
    for _ in range(4):
        client = recording.client(4)
        client.connect((recording.address("server", 4), SERVICE))
        server = listener.next_accepted()
        recording.note_ends(client, server)
        ordinary(client, server)


SYN_PROXY = f"""
table inet lab {{
    chain first {{
        type filter hook prerouting priority raw
        tcp dport {SERVICE} tcp flags syn notrack
    }}
    chain passing {{
        type filter hook forward priority filter
        tcp dport != {SERVICE} accept
        ct state invalid,untracked synproxy mss 1440 wscale 7 timestamp sack-perm
        ct state invalid drop
    }}
}}
"""


@kind("kernel-syn-proxy", said("answered-between", "server"), topology="router", is_traced=False)
def _(recording):
    """The kernel of a router answers SYNs in the server's name, and shifts its numbers."""
    router = recording.hosts["middle"]
    router.run("nft", "-f", "-", input=SYN_PROXY)
    # What begins in the middle is the proxy's to judge.
    router.sysctl("net.netfilter.nf_conntrack_tcp_loose", 0)
    on_service(recording, ordinary)


@kind(
    "proxy",
    {"path_verdict": "closed", "sender": "client", "grade": "inferred"},
    topology="router",
    ends_in_middle=True,
    is_traced=False,
)
def _(recording):
    """A proxy in the middle: two connections that carry the same bytes."""
    listener = recording.listen(4, SERVICE)
    door = recording.socket("middle", 4)
    door.bind((recording.network.gateways[("client", 4)], SERVICE))
    door.listen(8)
    for i in range(3):
        client = recording.client(4)
        client.connect(door.getsockname()[:2])
        near, _ = door.accept()
        far = recording.socket("middle", 4)
        far.connect((recording.address("server", 4), SERVICE))
        server = listener.next_accepted()
        recording.note_ends(client, server)
        request, response = b"%d ask " % i * 40, b"%d say " % i * 300
        client.sendall(request)
        relay(near, far, len(request))
        receive_exactly(server, len(request))
        server.sendall(response)
        relay(far, near, len(response))
        receive_exactly(client, len(response))
        close_in_turn(client, near)
        close_in_turn(far, server)
    door.close()


def relay(source, target, count):
    while count > 0:
        data = source.recv(min(count, 65536))
        target.sendall(data)
        count -= len(data)


@kind("offloads", CLOSED, topology="router", is_traced=False)
def _(recording):
    """A kernel router, and network cards that cut and join segments."""
    on_service(recording, upload)
