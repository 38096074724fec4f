"""A network with a gateway: two subnets, two servers behind it, and rules in between."""

from .namespaces import Namespace
from .network import Network

BRIDGE_SETTINGS = ("forward_delay", "0")


class GatewayNetwork(Network):
    """client - user-space bridge - gateway - server and backend on one segment.

    The gateway routes, and does what nftables tells it. `is_bridge_inside` puts the
    user-space bridge, with its delays and its tap, between gateway and server. The virtual
    address belongs to no host: the gateway may translate it.
    """

    def __init__(self, prefix4, prefix6, is_bridge_inside=False):
        self._is_bridge_inside = is_bridge_inside
        super().__init__("gateway", prefix4, prefix6, has_offloads=False)

    @property
    def next_hop(self):
        return self._hardware_address("gateway", "g0")

    def add_address(self, side, version, tail):
        subnet = 1 if side == "client" else 2
        prefix = f"{self.prefix4}.{subnet}." if version == 4 else f"{self.prefix6}:{subnet}::"
        address = f"{prefix}{tail}"
        self._give_address(side, version, address, is_preferred=False)
        near = "g0" if side == "client" else "br0"
        self._know_neighbour("gateway", address, self.hardware[side], near)
        return address

    def rules(self, host, *lines):
        """Loads an nftables file into a host's namespace."""
        self.hosts[host].run("nft", "-f", "-", input="\n".join(lines))

    def lower_mtu(self, interface, size):
        """Makes the gateway's link on one side narrower than the hosts believe."""
        self.hosts["gateway"].run("ip", "link", "set", interface, "mtu", str(size))

    def _build_hosts(self):
        sides = ("client", "middle", "gateway", "server", "backend")
        self.hosts = {side: Namespace() for side in sides}
        self.interfaces = {
            "client": ["c0"],
            "middle": ["m0", "m1"],
            "gateway": ["g0", "p0", "p1"],
            "server": ["s0"],
            "backend": ["b0"],
        }
        if self._is_bridge_inside:
            self._link("client", "c0", "gateway", "g0")
            self._link("gateway", "p0", "middle", "m0")
            self._link("middle", "m1", "server", "s0")
        else:
            self._link("client", "c0", "middle", "m0")
            self._link("middle", "m1", "gateway", "g0")
            self._link("gateway", "p0", "server", "s0")
        self._link("gateway", "p1", "backend", "b0")
        for side in sides:
            self._bring_up(side)
        self._build_segment()
        near = {"client": "c0", "server": "s0", "backend": "b0"}
        self.hardware = {side: self._hardware_address(side, at) for side, at in near.items()}
        for version in (4, 6):
            self._route(version)

    def _build_segment(self):
        gateway = self.hosts["gateway"]
        gateway.run("ip", "link", "add", "br0", "type", "bridge", *BRIDGE_SETTINGS)
        gateway.run("ip", "link", "set", "br0", "address", "02:00:00:00:02:fe")
        for port in ("p0", "p1"):
            gateway.run("ip", "link", "set", port, "master", "br0")
        for setting in ("accept_dad", "accept_ra", "router_solicitations"):
            gateway.sysctl(f"net.ipv6.conf.br0.{setting}", 0)
        gateway.run("ip", "link", "set", "br0", "up")

    def _route(self, version):
        gateway = self.hosts["gateway"]
        for name, value in (
            ("ipv4.ip_forward", 1),
            ("ipv6.conf.all.forwarding", 1),
            ("ipv4.conf.all.send_redirects", 0),
            ("ipv4.conf.g0.send_redirects", 0),
            ("ipv4.conf.br0.send_redirects", 0),
            ("ipv4.icmp_ratelimit", 0),
            ("bridge.bridge-nf-call-iptables", 0),
            ("bridge.bridge-nf-call-ip6tables", 0),
        ):
            gateway.sysctl(f"net.{name}", value)
        prefix = self.prefix4 if version == 4 else self.prefix6
        tail = (".1.254", ".2.254") if version == 4 else (":1::fe", ":2::fe")
        self._addresses[("backend", version)] = (
            f"{prefix}.2.2" if version == 4 else f"{prefix}:2::2"
        )
        self._addresses[("virtual", version)] = (
            f"{prefix}.9.9" if version == 4 else f"{prefix}:9::9"
        )
        places = (("client", "g0", 0), ("server", "br0", 1), ("backend", "br0", 1))
        for side, near, end in places:
            door = prefix + tail[end]
            address = self.address(side, version)
            self._give_address(side, version, address)
            if side != "backend":
                self._give_address("gateway", version, door, near)
            self.hosts[side].run("ip", "route", "add", "default", "via", door)
            self._know_neighbour(side, door, self._hardware_address("gateway", near))
            self._know_neighbour("gateway", address, self.hardware[side], near)
