public import TCPState
public import Wire

/// A steady connection on a key of IPv4 addresses, in 320 bytes: a ``Flow`` takes about twice as much.
///
/// A table keeps the connections that became steady lately as flows, and makes the older ones compact: see
/// `FlowTable.noteSteady(_:)`. One becomes a flow again with the first segment that is not predicted.
public struct CompactFlow: StoreEntry {
    // What a segment touches comes first, in three cache lines.

    /// The low half of the hash of its key; the slot has the other one.
    @usableFromInline let hash: UInt32
    /// What keeps equal keys apart: the same for both directions.
    public let scope: UInt32
    /// The connection's state and counters.
    public var connection: CompactConnection

    private let lowPort: UInt16
    private let highPort: UInt16
    private let low: UInt32
    private let high: UInt32

    /// Whether the entry is in use.
    @inlinable
    public var isLive: Bool {
        get { connection.isInUse }
        set { connection.isInUse = newValue }
    }

    /// The addresses and ports.
    public var key: FlowKey {
        @_addressableSelf get {
            FlowKey(Address(ipv4: low), lowPort, Address(ipv4: high), highPort)
        }
    }

    /// A flow in compact form; nil if it has none: it is not steady, or not alone on its key, or it is not IPv4, or its
    /// directions have different scopes.
    @inlinable
    init?<Observer: TransitionObserver>(
        _ flow: borrowing @_addressable Flow, _ context: borrowing MachineContext<Observer>
    ) {
        // No timer runs but that of what is inferred, which changes nothing.
        guard flow.deadline.nanoseconds == .max || flow.connection.isOpenToDoubt,
            context.profile.keepaliveProbes > 0,
            let connection = CompactConnection(flow.connection, context)
        else { return nil }
        self.init(flow, connection)
    }

    @usableFromInline
    init?(_ flow: borrowing @_addressable Flow, _ connection: CompactConnection) {
        guard flow.isCurrent, flow.previousIndex == nil, !flow.isShared, flow.key.low.isIPv4,
            flow.key.high.isIPv4, let scope = flow.scopes[0], flow.scopes[1] == scope
        else { return nil }
        hash = UInt32(truncatingIfNeeded: flow.hash)
        self.scope = scope
        self.connection = connection
        lowPort = flow.key.lowPort
        highPort = flow.key.highPort
        low = UInt32(truncatingIfNeeded: flow.key.low.low)
        high = UInt32(truncatingIfNeeded: flow.key.high.low)
    }

    /// The flow, without what is inferred of its ends.
    @usableFromInline var flow: Flow {
        @_addressableSelf get {
            var flow = Flow(key: key, connection: connection.connection)
            flow.scopes = [scope, scope]
            return flow
        }
    }
}
