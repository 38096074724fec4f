public import TCPState
public import Wire

/// A steady connection, in 256 bytes, and 32 more for addresses of IPv6: a ``Flow`` takes more than twice as much.
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
    /// The lower address, or the place of both.
    private var low: UInt32 = 0
    /// The higher address.
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

    /// Where its addresses are kept; nil if both are of IPv4.
    @usableFromInline
    var addressPlace: FlowIndex? {
        @_addressableSelf get {
            connection.hasLongAddresses ? FlowIndex(rawValue: low) : nil
        }
        set {
            connection.hasLongAddresses = newValue != nil
            if let newValue { low = newValue.rawValue }
        }
    }

    /// The addresses and ports.
    ///
    /// - Parameter pair: its addresses, if they are kept elsewhere.
    @_addressableSelf
    func key(_ pair: AddressPair?) -> FlowKey {
        FlowKey(
            pair?.low ?? Address(ipv4: low), lowPort, pair?.high ?? Address(ipv4: high), highPort)
    }

    /// Takes a key: of IPv6, all but the addresses.
    @usableFromInline
    mutating func take(_ key: FlowKey, _ scope: UInt32, hash: UInt64) {
        self.hash = UInt32(truncatingIfNeeded: hash)
        self.scope = scope
        lowPort = key.lowPort
        highPort = key.highPort
        low = UInt32(truncatingIfNeeded: key.low.low)
        high = UInt32(truncatingIfNeeded: key.high.low)
    }

    /// Writes the connection in the place of another record.
    @_addressableSelf
    func write(to record: inout ConnectionRecord, _ key: FlowKey, _ details: CompactDetails) {
        record.become(
            key: key, connection: connection.connection(details), rareFacts: nil, scope: scope)
    }

    /// The flow, without what is inferred of its ends.
    @_addressableSelf
    func flow(_ key: FlowKey, _ details: CompactDetails) -> Flow {
        var flow = Flow(key: key, connection: connection.connection(details))
        flow.scopes = [scope, scope]
        return flow
    }
}

extension Flow {
    /// Writes its compact form in the place of another one; returns whether it has one: none if it is not steady, or not alone
    /// on its key, or its directions have different scopes.
    ///
    /// - Parameter details: takes what is unusual of its connection.
    @inlinable @inline(__always) @_addressableSelf
    func write<Observer: TransitionObserver>(
        to compact: inout CompactFlow, _ details: inout CompactDetails,
        _ context: borrowing MachineContext<Observer>
    ) -> Bool {
        // One condition after the other: what captures the flow would copy it. No timer runs but that of what is inferred,
        // which changes nothing.
        if deadline.nanoseconds != .max, !connection.isOpenToDoubt { return false }
        guard context.profile.keepaliveProbes > 0, isCurrent, previousIndex == nil, !isShared,
            let scope = scopes[0], scopes[1] == scope
        else { return false }
        compact.take(key, scope, hash: hash)
        return connection.write(to: &compact.connection, &details, context)
    }
}
