import Host
import TCPState
import Tracking
import Wire

/// What tells of this host's sockets and of the processes that hold them. A test has one of its own.
protocol SocketSource: AnyObject {
    /// The sockets as of now; nil where they cannot be read.
    func sockets() -> [KernelSocket]?

    /// What to wait on for the names of processes, with poll(2).
    var descriptor: Int32 { get }

    /// Asks for the processes.
    func ask()

    /// The processes by their sockets' inodes, once they have come.
    func answer() -> [UInt64: Process]?
}

/// The kernel, and the helper that may look into processes.
final class KernelSockets: SocketSource {
    private let finder: ProcessFinder
    private let dump = SocketDump()

    /// To be made before the process gives up its rights.
    init(_ finder: ProcessFinder) { self.finder = finder }

    func sockets() -> [KernelSocket]? { dump?.sockets() ?? (try? KernelSocket.all()) }

    var descriptor: Int32 { finder.descriptor }

    func ask() { finder.ask() }

    func answer() -> [UInt64: Process]? { finder.answer() }
}

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

    private let source: any SocketSource
    private let host: any LiveHost
    /// The sockets as of ``taken``, but for listening ones.
    private(set) var sockets: [Name: KernelSocket] = [:]
    private(set) var listeningPorts: Set<UInt16> = []
    private var processes: [UInt64: Process] = [:]
    private var taken: Timestamp?
    /// When the processes were last asked for, and for when they are known.
    private var asked = Timestamp(nanoseconds: .min)
    private(set) var named = Timestamp(nanoseconds: .min)
    /// How long it took to read the sockets last.
    private var cost: TimeSpan = 0

    /// - Parameter host: whose clock measures what reading the sockets costs.
    init(_ source: any SocketSource, _ host: any LiveHost) {
        self.source = source
        self.host = host
    }

    /// What to wait on for the names of processes, with poll(2).
    var descriptor: Int32 { source.descriptor }

    /// Reads the kernel's table, unless that was done within the last second or took long, and asks for the
    /// processes, which ``takeAnswer()`` takes up.
    func refresh(_ now: Timestamp) {
        if let taken, now - taken < max(1_000_000_000, 20 * cost) { return }
        taken = now
        guard let all = source.sockets() else { return }
        listeningPorts = Set(all.lazy.filter { $0.state == .listen }.map(\.localPort))
        sockets = Dictionary(
            all.lazy.filter { $0.state != .listen }.map { (Name($0), $0) },
            uniquingKeysWith: { first, _ in first })
        cost = host.now - now
        asked = now
        source.ask()
    }

    /// Takes the names of processes, if they have come.
    func takeAnswer() {
        guard let found = source.answer() else { return }
        processes = found
        named = asked
    }

    /// Whether the sockets were read so lately that their addresses and ports still mean the same connections.
    func isFresh(_ now: Timestamp) -> Bool { taken.map { now - $0 < 5_000_000_000 } ?? false }

    /// The local processes of a connection, as of the last ``refresh(_:)``, the client's first.
    func processes(of key: FlowKey, client: Side) -> String? {
        let names = [client, client.peer].compactMap { side in
            sockets[Name(key, side)].flatMap { processes[$0.inode] }?.description
        }
        return names.isEmpty ? nil : names.joined(separator: " → ")
    }

    /// Whether either end of a connection is a socket of this host, as of the last ``refresh(_:)``.
    func has(_ key: FlowKey) -> Bool {
        Side.allCases.contains { sockets[Name(key, $0)] != nil }
    }

    /// The process that holds a socket.
    func process(of socket: KernelSocket) -> Process? { processes[socket.inode] }
}
