import Host
import TCPState
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

        init(_ socket: KernelSocket) {
            local = socket.local
            localPort = socket.localPort
            remote = socket.remote
            remotePort = socket.remotePort
        }
    }

    private let finder: ProcessFinder
    private(set) var sockets: [Name: KernelSocket] = [:]
    private var processes: [UInt64: Process] = [:]
    private var taken: Timestamp?

    init(_ finder: ProcessFinder) { self.finder = finder }

    /// Reads the kernel's table and finds the processes, unless that was done within the last second.
    func refresh(_ now: Timestamp) {
        if let taken, now - taken < 1_000_000_000 { return }
        taken = now
        guard let all = try? KernelSocket.all() else { return }
        sockets = Dictionary(all.map { (Name($0), $0) }, uniquingKeysWith: { first, _ in first })
        processes = finder.find()
    }

    /// The local processes of a connection, as of the last ``refresh(_:)``, the client's first.
    func processes(of key: FlowKey, client: Side) -> String? {
        let names = [client, client.peer].compactMap { side in
            sockets[Name(key, side)].flatMap { processes[$0.inode] }?.description
        }
        return names.isEmpty ? nil : names.joined(separator: " → ")
    }

    /// The process that holds a socket.
    func process(of socket: KernelSocket) -> Process? { processes[socket.inode] }
}
