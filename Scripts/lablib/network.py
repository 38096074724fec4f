"""Two hosts and what lies between them, as network namespaces joined by veth pairs."""

import json
import socket
import struct

from .namespaces import Namespace

RTM_NEWLINK, NLM_F_REQUEST, NLM_F_ACK = 16, 1, 4
IFLA_GSO_MAX_SIZE, IFLA_GRO_MAX_SIZE = 41, 58
IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE = 63, 64

KINDS = ("client", "server", "raw", "middle")

TOPOLOGIES = {
    "bridge": "client - user-space bridge with delays and a tap - server; no offloads",
    "router": "client - kernel router - server; offloads on",
    "direct": "client - server on one veth pair",
    "loopback": "client and server on one host's loopback interface",
    "gateway": "client - user-space bridge - kernel gateway - two servers; no offloads",
}


class Network:
    """Namespaces, links and addresses; `hosts` has client, server and perhaps middle."""

    def __init__(self, topology, prefix4, prefix6, has_offloads=None):
        """`prefix4` is two numbers like 10.40, `prefix6` three groups like fd00:1:2."""
        self.topology = topology
        if has_offloads is None:
            has_offloads = topology != "bridge"
        self.has_offloads = has_offloads
        self.prefix4, self.prefix6 = prefix4, prefix6
        self.networks = [f"{prefix4}.0.0/16", f"{prefix6}::/48"]
        is_routed = topology in ("router", "gateway")
        self._addresses = {
            ("client", 4): f"{prefix4}.1.1",
            ("server", 4): f"{prefix4}.2.1" if is_routed else f"{prefix4}.1.2",
            ("raw", 4): f"{prefix4}.1.77",
            ("client", 6): f"{prefix6}:1::1",
            ("server", 6): f"{prefix6}:2::1" if is_routed else f"{prefix6}:1::2",
            ("raw", 6): f"{prefix6}:1::77",
        }
        self.hosts, self.interfaces, self.hardware = {}, {}, {}
        self.gateways = {}
        if topology == "loopback":
            self._build_loopback()
        else:
            self._build_hosts()

    def close(self):
        for host in set(self.hosts.values()):
            host.close()

    def address(self, side, version):
        """The address of "client", "server" or "raw" (owned by no kernel)."""
        return self._addresses[(side, version)]

    def addresses(self):
        """All addresses as {"client4": "10.40.1.1", ...}."""
        return {f"{side}{version}": at for (side, version), at in self._addresses.items()}

    @property
    def next_hop(self):
        """The hardware address to which the client's frames for the server go."""
        return self.hardware["server"]

    def add_address(self, side, version, tail):
        """One more address for a host, from the same subnet; returns it."""
        prefix = f"{self.prefix4}.1." if version == 4 else f"{self.prefix6}:1::"
        address = f"{prefix}{tail}"
        peer_side = "server" if side == "client" else "client"
        self._give_address(side, version, address, is_preferred=False)
        self._know_neighbour(peer_side, address, self.hardware[side])
        self._addresses[(f"{side}{address}-", version)] = address
        return address

    def end_connections_in_middle(self):
        """The router forwards nothing any more: it is a host to both sides."""
        for (side, version), address in self.gateways.items():
            self._addresses[(f"middle-{side}-", version)] = address
        self.hosts["middle"].sysctl("net.ipv4.ip_forward", 0)
        self.hosts["middle"].sysctl("net.ipv6.conf.all.forwarding", 0)

    def side_of(self, address):
        """Whether an address is the "client"'s, the "server"'s or "raw"."""
        for (side, _), known in self._addresses.items():
            if known == address:
                return next(kind for kind in KINDS if side.startswith(kind))
        return None

    def allow_big_tcp(self, size=180_000):
        """Segments above 64 KiB in the stack (BIG TCP)."""
        for name, host in self.hosts.items():
            for interface in self.interfaces[name]:
                with host:
                    _set_offload_sizes(interface, size)

    def _build_loopback(self):
        host = Namespace()
        self.hosts = {"client": host, "server": host}
        self.interfaces = {"client": ["lo"], "server": ["lo"]}
        host.run("ip", "link", "set", "lo", "up")
        for (_, version), address in self._addresses.items():
            self._give_address("client", version, address, interface="lo")

    def _build_hosts(self):
        sides = (
            ["client", "server"] if self.topology == "direct" else ["client", "middle", "server"]
        )
        self.hosts = {side: Namespace() for side in sides}
        if self.topology == "direct":
            self.interfaces = {"client": ["c0"], "server": ["s0"]}
            self._link("client", "c0", "server", "s0")
        else:
            self.interfaces = {"client": ["c0"], "middle": ["m0", "m1"], "server": ["s0"]}
            self._link("client", "c0", "middle", "m0")
            self._link("server", "s0", "middle", "m1")
        for side in sides:
            self._bring_up(side)
        self.hardware = {
            side: self._hardware_address(side, self.interfaces[side][0])
            for side in ("client", "server")
        }
        for version in (4, 6):
            for side in ("client", "server"):
                self._give_address(side, version, self.address(side, version))
            if self.topology == "router":
                self._route(version)
            else:
                self._join(version)

    def _link(self, side, interface, peer_side, peer_interface):
        near, far = self.hosts[side].path, self.hosts[peer_side].path
        link = ["ip", "link", "add", interface, "netns", near, "type", "veth"]
        self.hosts[side].run(*link, "peer", "name", peer_interface, "netns", far)

    def _bring_up(self, side):
        host = self.hosts[side]
        host.run("ip", "link", "set", "lo", "up")
        switch = "on" if self.has_offloads else "off"
        features = [
            word for name in ("tx", "rx", "sg", "tso", "gso", "gro") for word in (name, switch)
        ]
        for interface in self.interfaces[side]:
            for setting in ("accept_dad", "accept_ra", "router_solicitations"):
                host.sysctl(f"net.ipv6.conf.{interface}.{setting}", 0)
            host.run("ethtool", "-K", interface, *features, check=False)
            host.run("ip", "link", "set", interface, "up")

    def _give_address(self, side, version, address, interface=None, is_preferred=True):
        """IPv6 calls from the newest of its addresses, unless that is not preferred."""
        interface = interface or self.interfaces[side][0]
        length, extra = ("24", []) if version == 4 else ("64", ["nodad"])
        if version == 6 and not is_preferred:
            extra += ["preferred_lft", "0"]
        command = ["ip", "addr", "add", f"{address}/{length}", "dev", interface]
        self.hosts[side].run(*command, *extra)

    def _know_neighbour(self, side, address, hardware, interface=None):
        interface = interface or self.interfaces[side][0]
        command = ["ip", "neigh", "replace", address, "lladdr", hardware, "dev", interface]
        self.hosts[side].run(*command, "nud", "permanent")

    def _join(self, version):
        for side, peer in (("client", "server"), ("server", "client"), ("server", "raw")):
            owner = "client" if peer == "raw" else peer
            self._know_neighbour(side, self.address(peer, version), self.hardware[owner])

    def _route(self, version):
        middle = self.hosts["middle"]
        middle.sysctl("net.ipv4.ip_forward", 1)
        middle.sysctl("net.ipv6.conf.all.forwarding", 1)
        tail = (".1.254", ".2.254") if version == 4 else (":1::fe", ":2::fe")
        prefix = self.prefix4 if version == 4 else self.prefix6
        for side, interface, ending in zip(("client", "server"), ("m0", "m1"), tail):
            gateway = prefix + ending
            self.gateways[(side, version)] = gateway
            self._give_address("middle", version, gateway, interface)
            self.hosts[side].run("ip", "route", "add", "default", "via", gateway)
            near = self._hardware_address("middle", interface)
            self._know_neighbour(side, gateway, near)
            address, far = self.address(side, version), self.hardware[side]
            self._know_neighbour("middle", address, far, interface)

    def _hardware_address(self, side, interface):
        shown = self.hosts[side].run("ip", "-j", "link", "show", interface)
        return json.loads(shown)[0]["address"]


def _set_offload_sizes(interface, size):
    """Sets what older ip(8) cannot: the GSO and GRO limits of IPv4 as well as of IPv6."""
    kinds = (IFLA_GSO_MAX_SIZE, IFLA_GRO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE)
    attributes = b"".join(struct.pack("=HHI", 8, kind, size) for kind in kinds)
    body = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(interface), 0, 0) + attributes
    flags = NLM_F_REQUEST | NLM_F_ACK
    header = struct.pack("=IHHII", 16 + len(body), RTM_NEWLINK, flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(header + body)
        error = struct.unpack_from("=i", netlink.recv(4096), 16)[0]
    if error:
        raise OSError(-error, f"{interface}: setting offload sizes")
