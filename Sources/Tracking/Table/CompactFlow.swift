public import TCPState
public import Wire

/// A steady connection on a key of IPv4 addresses, in 256 bytes: a ``Flow`` takes more than twice as much.
///
/// A table keeps the connections that became steady lately as flows, and makes the older ones compact: see
/// `FlowTable.noteSteady(_:)`. One becomes a flow again with the first segment that is not predicted.
public struct CompactFlow: StoreEntry {
    // What a segment touches comes first, in three cache lines.

    /// The low half of the hash of its key; the slot has the other one.
    @usableFromInline var hash: UInt32 = 0
    /// What keeps equal keys apart: the same for both directions.
    public private(set) var scope: UInt32 = 0
    /// The connection's state and counters.
    public var connection = CompactConnection()

    private var lowPort: UInt16 = 0
    private var highPort: UInt16 = 0
    private var low: UInt32 = 0
    private var high: UInt32 = 0

    /// A place for one.
    @usableFromInline
    init() {}

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

    /// Becomes the compact form of a flow; returns whether it has one: none if it is not steady, or not alone on its key, or
    /// it is not IPv4, or its directions have different scopes.
    ///
    /// - Parameter details: takes what is unusual of its connection.
    @inlinable
    mutating func become<Observer: TransitionObserver>(
        _ flow: borrowing @_addressable Flow, _ details: inout CompactDetails,
        _ context: borrowing MachineContext<Observer>
    ) -> Bool {
        // One condition after the other: what captures the flow would copy it. No timer runs but that of what is inferred,
        // which changes nothing.
        if flow.deadline.nanoseconds != .max, !flow.connection.isOpenToDoubt { return false }
        guard context.profile.keepaliveProbes > 0, takeKey(flow) else { return false }
        return connection.become(flow.connection, &details, context)
    }

    @usableFromInline
    mutating func takeKey(_ flow: borrowing @_addressable Flow) -> Bool {
        guard flow.isCurrent, flow.previousIndex == nil, !flow.isShared, flow.key.low.isIPv4,
            flow.key.high.isIPv4, let scope = flow.scopes[0], flow.scopes[1] == scope
        else { return false }
        hash = UInt32(truncatingIfNeeded: flow.hash)
        self.scope = scope
        lowPort = flow.key.lowPort
        highPort = flow.key.highPort
        low = UInt32(truncatingIfNeeded: flow.key.low.low)
        high = UInt32(truncatingIfNeeded: flow.key.high.low)
        return true
    }

    /// Writes the connection in the place of another record.
    @_addressableSelf
    func write(to record: inout ConnectionRecord, _ details: CompactDetails) {
        record.become(
            key: key, connection: connection.connection(details), rareFacts: nil, scope: scope)
    }

    /// The flow, without what is inferred of its ends.
    @_addressableSelf
    func flow(_ details: CompactDetails) -> Flow {
        var flow = Flow(key: key, connection: connection.connection(details))
        flow.scopes = [scope, scope]
        return flow
    }
}

extension CompactDetails: StoreEntry {
    /// Whether the entry is in use.
    @inlinable
    public var isLive: Bool {
        get { isInUse }
        set { isInUse = newValue }
    }
}
