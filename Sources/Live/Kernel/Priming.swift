import Host
import TCPState
import Tracking
import Wire

/// What this host's kernel says of connections that were there before a run began.
struct Priming {
    private let locals: LocalSockets
    private let profile: StackProfile
    /// The addresses of this host.
    private let addresses: Set<Address>
    private let now: Timestamp

    /// The sockets are as of now.
    init(
        _ locals: LocalSockets, _ profile: StackProfile, addresses: Set<Address>, at now: Timestamp
    ) {
        self.locals = locals
        self.profile = profile
        self.addresses = addresses
        self.now = now
    }

    /// Adds the kernel's connections to a tracker, in the states that they have and since when they have them. Of
    /// a far end nothing is known. Returns how many were added.
    func adopt<Observer>(into tracker: inout Tracker<Observer>) -> Int {
        var count = 0
        for (name, socket) in locals.sockets where socket.state != .closed {
            let key = FlowKey(name.local, name.localPort, name.remote, name.remotePort)
            let isLow = key.low == name.local && key.lowPort == name.localPort
            let local: Side = isLow ? .low : .high
            let opener = opener(of: name, isLoopback: locals.sockets[name.peer] != nil)
            let near = existing(socket)
            // On loopback the far end is a socket of this host as well.
            let far = locals.sockets[name.peer].map(existing)
            let isNew = tracker.adopt(
                key, low: isLow ? near : far, high: isLow ? far : near,
                opener: opener == name ? local : local.peer, at: now)
            if isNew { count += 1 }
        }
        return count
    }

    /// The end that opened a connection: a program listens where it was opened to. Where none does any more, the
    /// server's port is the smaller one, more often than not.
    private func opener(of name: LocalSockets.Name, isLoopback: Bool) -> LocalSockets.Name {
        let listens = locals.listeningPorts.contains
        if listens(name.localPort) { return name.peer }
        if isLoopback, listens(name.remotePort) { return name }
        return name.localPort < name.remotePort ? name.peer : name
    }

    /// Whether a connection of an earlier run is over, or is in another state by now: an end that is this host's
    /// has no socket, or one that says otherwise.
    func refutes(_ key: FlowKey, _ connection: Connection) -> Bool {
        Side.allCases.contains { side in
            guard addresses.contains(key.address(side)) else { return false }
            return locals.sockets[LocalSockets.Name(key, side)]?.state != connection[side].state
        }
    }

    private func existing(_ socket: KernelSocket) -> ExistingEnd {
        ExistingEnd(
            state: socket.state, since: now - age(socket), lastHeard: now - silence(socket))
    }

    /// For how long a socket has been in its state, at least.
    private func age(_ socket: KernelSocket) -> TimeSpan {
        let times = socket.times
        switch socket.state {
        case .timeWait: return waited(profile.timeWait, times.waitLeft)
        case .finWait2:
            // A socket that a process holds has no such timer: the peer's ACK of the FIN was the last thing it said.
            return times.waitLeft == nil
                ? silence(socket) : waited(profile.finWait2, times.waitLeft)
        case .synSent, .synReceived, .finWait1, .closing, .lastAck:
            // Retransmission timeouts double, from a second on: RFC 6298, sections 2.1 and 5.5.
            guard let left = times.retransmissionLeft else { return silence(socket) }
            let timeout = TimeSpan.seconds(1 << Int64(min(times.retransmissions, 7)))
            return max(0, 2 * timeout - 1_000_000_000 - left)
        // The peer's FIN was the last that acknowledged anything.
        case .closeWait: return silence(socket)
        case .established, .unknown, .closed, .listen: return 0
        }
    }

    private func waited(_ duration: TimeSpan, _ left: TimeSpan?) -> TimeSpan {
        guard let left, duration != .max else { return 0 }
        return max(0, duration - left)
    }

    /// Since when a socket has heard nothing; 0 where the kernel does not say.
    private func silence(_ socket: KernelSocket) -> TimeSpan {
        let times = [socket.times.sinceDataReceived, socket.times.sinceACKReceived].compactMap {
            $0
        }
        return times.min() ?? 0
    }
}
