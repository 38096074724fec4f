public import Coding
public import TCPState

/// What is learnt of a connection before any is examined, to tell what will be too few of its kind.
public struct ConnectionPreview {
    let key: FlowKey
    let facts: Facts

    struct Facts: OptionSet {
        let rawValue: UInt8

        init(rawValue: UInt8) { self.rawValue = rawValue }

        /// An end waits in TIME-WAIT; both ends of a connection to itself are one, the lower.
        static let lowWaits = Facts(rawValue: 1)
        static let highWaits = Facts(rawValue: 2)
        /// A SYN that nobody has taken.
        static let isAttempt = Facts(rawValue: 4)
        /// An attempt that is refused, unreachable or repeated.
        static let isSettled = Facts(rawValue: 8)
        /// The higher address has begun it.
        static let highOpens = Facts(rawValue: 16)

        var opener: Side { contains(.highOpens) ? .high : .low }

        /// Whether nothing is learnt of the connection.
        var isEmpty: Bool { subtracting(.highOpens).rawValue == 0 }
    }
}

extension ConnectionPreview.Facts {
    @inline(__always)
    init(_ connection: borrowing @_addressable Connection) {
        self = connection.opener == .high ? .highOpens : []
        if connection[.low].state == .timeWait { insert(.lowWaits) }
        // Both ends of a connection to itself are one.
        let isOneSocket = connection.anomalies.contains(.selfConnect)
        let high = isOneSocket ? connection[.low].state : connection[.high].state
        if high == .timeWait { insert(.highWaits) }
        guard !connection.server.hasSentSYN,
            connection.client.hasSentSYN || connection.anomalies.contains(.midStream)
        else { return }
        guard connection.client.packets <= 4 || connection.client.hasSentSYN else { return }
        insert(.isAttempt)
        if connection.client.synCount != 1 || connection.server.rstCount > 0
            || connection.anomalies.contains(.unreachable)
        {
            insert(.isSettled)
        }
    }

    /// Of a connection that is nothing but a SYN.
    init(attemptBy opener: Side) {
        self = opener == .high ? [.isAttempt, .highOpens] : .isAttempt
    }
}

extension ConnectionPreview {
    /// Of a connection as it stands at the end; nil where there is nothing to learn.
    public init?(_ key: FlowKey, _ connection: borrowing @_addressable Connection) {
        let facts = Facts(connection)
        if facts.isEmpty { return nil }
        (self.key, self.facts) = (key, facts)
    }

    /// Of one that is nothing but a SYN of `opener`.
    public init(_ key: FlowKey, attemptBy opener: Side) {
        (self.key, facts) = (key, Facts(attemptBy: opener))
    }

    /// Reads what ``encode(to:)`` wrote.
    public init(from coder: inout BinaryCoder) {
        key = FlowKey(from: &coder)
        var bits: UInt8 = 0
        coder(&bits)
        if bits >= 32 { coder.fail() }
        facts = Facts(rawValue: bits)
    }

    /// Writes it.
    public func encode(to coder: inout BinaryCoder) {
        key.encode(to: &coder)
        var bits = facts.rawValue
        coder(&bits)
    }
}
