internal import Synchronization

/// How much a server has to do at the moment.
final class ServerLoad: Sendable {
    private struct Counts {
        var connections = 0
        var streams = 0
    }

    private let counts = Mutex(Counts())

    /// What becomes of a new connection.
    enum Admission {
        /// It is served.
        case served
        /// It is one too many, and told so.
        case refused
        /// There are too many even of those: it is closed, so that descriptors do not run out.
        case closed
    }

    /// Counts one more connection.
    func beginConnection(_ limits: HTTPLimits) -> Admission {
        counts.withLock {
            $0.connections += 1
            if $0.connections <= limits.connections { return .served }
            return $0.connections <= 2 * limits.connections ? .refused : .closed
        }
    }

    func endConnection() { counts.withLock { $0.connections -= 1 } }

    /// Counts one more stream of events, if there is room for it.
    func beginStream(_ limits: HTTPLimits) -> Bool {
        counts.withLock {
            guard $0.streams < limits.eventStreams else { return false }
            $0.streams += 1
            return true
        }
    }

    func endStream() { counts.withLock { $0.streams -= 1 } }
}
