public import TCPState

/// Why a connection leaves the table.
public enum RemovalReason: Sendable {
    /// The capture ended.
    case captureEnd
    /// The table was full.
    case evicted
    /// Nothing more is expected of it: see ``Tracker/linger``.
    case expired
}

/// Receives what the tracker finds: transitions as they happen and each connection once, at its end.
///
/// Chosen at compile time: the hot path calls it without an existential.
public protocol TrackingObserver: TransitionObserver {
    /// Whether it looks at departures only: then a connection that is nothing but a SYN is kept as
    /// little more than that, and arrives and changes its state when it departs, if not before.
    static var seesClosedConnectionsOnly: Bool { get }
    /// Whether connections depart as soon as nothing more is expected of them, so that no more are kept than are open:
    /// a segment that comes later all the same begins another one.
    static var forgetsClosed: Bool { get }
    /// Whether its owner looks connections up by their numbers: the tracker keeps a list of them then.
    static var looksUp: Bool { get }
    /// A connection begins: its addresses, for the transitions that follow.
    mutating func connectionOpened(_ record: ConnectionRecord)
    /// A connection as it stands at the end, which will depart, one of `count`: told of all that are left
    /// before the first of them departs, in any order.
    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int)
    /// The same of some whose handshake was seen, and both of whose ends are established.
    mutating func previewEstablished()
    /// The same of one that is nothing but a SYN of `opener`.
    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int)
    /// A connection's final record; it is forgotten afterwards.
    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    )
}

extension TrackingObserver {
    /// False: it sees everything in its time.
    @inlinable
    public static var seesClosedConnectionsOnly: Bool { false }

    /// False: they are kept to the end of the run.
    @inlinable
    public static var forgetsClosed: Bool { false }

    /// False.
    @inlinable
    public static var looksUp: Bool { false }

    /// Does nothing.
    @inlinable
    public mutating func connectionOpened(_ record: ConnectionRecord) {}

    /// Does nothing.
    @inlinable
    public mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {}

    /// Does nothing.
    @inlinable
    public mutating func previewEstablished() {}

    /// Does nothing.
    @inlinable
    public mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {}
}
