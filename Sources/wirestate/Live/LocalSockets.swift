import Host
import TCPState
import Tracking
import Wire

/// This host's sockets as the kernel has them, and the processes that hold them.
final class LocalSockets {
    /// A socket by its own end and its peer's.
    struct Name: Hashable {
        let local: Address
        let localPort: UInt16
        let remote: Address
        let remotePort: UInt16

        init(_ key: FlowKey, _ side: Side) {
            local = key.address(side)
            localPort = key.port(side)
            remote = key.address(side.peer)
            remotePort = key.port(side.peer)
        }

        private init(_ local: Address, _ localPort: UInt16, _ remote: Address, _ remotePort: UInt16)
        {
            self.local = local
            self.localPort = localPort
            self.remote = remote
            self.remotePort = remotePort
        }

        /// The other end.
        var peer: Name { Name(remote, remotePort, local, localPort) }

        init(_ socket: KernelSocket) {
            local = socket.local
            localPort = socket.localPort
            remote = socket.remote
            remotePort = socket.remotePort
        }
    }

    private let finder: ProcessFinder
    private(set) var sockets: [Name: KernelSocket] = [:]
    private var listeningPorts: Set<UInt16> = []
    private var processes: [UInt64: Process] = [:]
    private var taken: Timestamp?

    init(_ finder: ProcessFinder) { self.finder = finder }

    /// Reads the kernel's table and finds the processes, unless that was done within the last second.
    func refresh(_ now: Timestamp) {
        if let taken, now - taken < 1_000_000_000 { return }
        taken = now
        guard let all = try? KernelSocket.all() else { return }
        listeningPorts = Set(all.filter { $0.state == .listen }.map(\.localPort))
        sockets = Dictionary(
            all.filter { $0.state != .listen }.map { (Name($0), $0) },
            uniquingKeysWith: { first, _ in first })
        processes = finder.find()
    }

    /// The local processes of a connection, as of the last ``refresh(_:)``, the client's first.
    func processes(of key: FlowKey, client: Side) -> String? {
        let names = [client, client.peer].compactMap { side in
            sockets[Name(key, side)].flatMap { processes[$0.inode] }?.description
        }
        return names.isEmpty ? nil : names.joined(separator: " → ")
    }

    /// Adds the kernel's connections to a tracker, in the states that they have. Returns how many.
    func adopt<Observer>(into tracker: inout Tracker<Observer>, _ now: Timestamp) -> Int {
        var count = 0
        for (name, socket) in sockets {
            let peer = sockets[name.peer]?.state ?? socket.state.likelyPeer
            let key = FlowKey(name.local, name.localPort, name.remote, name.remotePort)
            let isLow = key.low == name.local && key.lowPort == name.localPort
            let local: Side = isLow ? .low : .high
            // Somebody listens where it was opened to.
            let opener = listeningPorts.contains(name.localPort) ? local.peer : local
            let isNew = tracker.adopt(
                key, low: isLow ? socket.state : peer, high: isLow ? peer : socket.state,
                opener: opener, at: now)
            if isNew { count += 1 }
        }
        return count
    }

    /// The process that holds a socket.
    func process(of socket: KernelSocket) -> Process? { processes[socket.inode] }
}

extension State {
    /// The state that the peer of a socket in this one has as a rule. RFC 9293, figure 5.
    fileprivate var likelyPeer: State {
        switch self {
        case .established: .established
        case .synReceived: .synSent
        case .finWait1: .established
        case .finWait2: .closeWait
        case .closeWait: .finWait2
        case .closing: .closing
        case .lastAck: .finWait2
        case .timeWait: .closed
        case .unknown, .closed, .listen, .synSent: .unknown
        }
    }
}
