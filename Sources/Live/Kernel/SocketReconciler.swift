import Capture
import Diagnosis
import Host
import TCPState
import Tracking
import Wire

/// Compares what the packets say of this host's sockets with what its kernel says, again and again.
///
/// A disagreement counts where two comparisons in a row have found it: packets on their way settle
/// most of them.
struct SocketReconciler {
    /// A local end about which packets and kernel disagree.
    struct Case: Hashable {
        let name: LocalSockets.Name
        let wire: State?
        let kernel: State?
        let disagreement: Disagreement
        /// The program that holds the socket, where it is known.
        let process: String?
    }

    /// What a comparison has found.
    struct Result {
        /// Local ends that both know of and agree about.
        var agreeing = 0
        /// Disagreements that are new.
        var begun: [Case] = []
        /// Those that are settled.
        var ended: [Case] = []
        /// All that there are.
        var count = 0
    }

    private let addresses: Set<Address>
    /// What the last comparison found, whether or not it was said.
    private var found: [LocalSockets.Name: Case] = [:]
    private var said: [LocalSockets.Name: Case] = [:]

    /// - Parameter addresses: this host's own.
    init(addresses: Set<Address>) { self.addresses = addresses }

    /// Compares. The sockets are as of now.
    mutating func compare<Observer>(
        _ tracker: inout Tracker<Observer>, _ locals: LocalSockets
    ) -> Result {
        var wire: [LocalSockets.Name: State] = [:]
        tracker.look { record in
            for side in Side.allCases where addresses.contains(record.address(side)) {
                let name = LocalSockets.Name(record.key, side)
                let state = record.connection[side].state
                // The latest incarnation counts: one that is over is none if there is another.
                if wire[name].map({ $0 == .closed || $0 == .timeWait }) ?? true {
                    wire[name] = state
                }
            }
        }
        var result = Result()
        var next: [LocalSockets.Name: Case] = [:]
        for name in Set(wire.keys).union(locals.sockets.keys) {
            let socket = locals.sockets[name]
            guard let disagreement = Disagreement(wire: wire[name], kernel: socket?.state) else {
                if wire[name] == socket?.state { result.agreeing += 1 }
                continue
            }
            next[name] = Case(
                name: name, wire: wire[name], kernel: socket?.state, disagreement: disagreement,
                process: socket.flatMap { locals.process(of: $0) }?.description)
        }
        for (name, item) in next where found[name]?.disagreement == item.disagreement {
            if said[name]?.disagreement != item.disagreement {
                result.begun.append(item)
                said[name] = item
            }
        }
        for (name, item) in said where next[name]?.disagreement != item.disagreement {
            result.ended.append(item)
            said[name] = nil
        }
        found = next
        result.count = said.count
        return result
    }

    /// The addresses of this host's interfaces.
    static func localAddresses() -> Set<Address> {
        Set(((try? NetworkInterface.all()) ?? []).flatMap(\.addresses))
    }
}
