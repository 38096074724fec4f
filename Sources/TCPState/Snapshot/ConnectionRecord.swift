public import Wire

/// A connection with its addresses: what reports and diagnoses are made from.
public struct ConnectionRecord: Sendable {
    /// The addresses and ports.
    public private(set) var key: FlowKey
    /// Both endpoints.
    public internal(set) var connection: Connection
    /// Few connections have notes: the others spend a word on them.
    @usableFromInline private(set) var keptRareFacts: KeptRareFacts?
    /// What keeps equal addresses and ports apart: see `Segment.scope`. That of one direction, if they differ.
    public private(set) var scope: UInt32

    /// Joins the parts; `rareFacts` are what ``Connection/rareFacts(_:)`` says.
    public init(
        key: FlowKey, connection: borrowing @_addressable Connection,
        rareFacts: KeptRareFacts? = nil,
        scope: UInt32 = 0
    ) {
        self.key = key
        self.connection = copy connection
        keptRareFacts = rareFacts
        self.scope = scope
        if connection.anomalies.contains(.selfConnect) { self.connection.mirrorSelfConnect() }
    }

    /// Becomes another one, which is written in its place: a record is a large value, and a new one is copied
    /// several times.
    public mutating func become(
        key: FlowKey, connection: borrowing @_addressable Connection, rareFacts: KeptRareFacts?,
        scope: UInt32
    ) {
        self.key = key
        self.connection = copy connection
        keptRareFacts = rareFacts
        self.scope = scope
        if self.connection.anomalies.contains(.selfConnect) { self.connection.mirrorSelfConnect() }
    }

    /// Whether anything was noted of it.
    @inlinable
    public var hasRareFacts: Bool { keptRareFacts != nil }

    /// What was noted of it; nil if nothing was.
    @inlinable
    public var rareFacts: RareFacts? { keptRareFacts?.rareFacts }

    /// Gives it the numbers that it has in a larger run.
    public mutating func renumber(serial: UInt32, stream: UInt32) {
        connection.renumber(serial: serial, stream: stream)
    }

    /// The same with other addresses, for output.
    public func replacingAddresses(_ replacement: (Address) -> Address) -> ConnectionRecord {
        var record = self
        record.key = key.replacingAddresses(replacement)
        if var rareFacts, let icmp = rareFacts.icmp {
            rareFacts.icmp?.error.reporter = replacement(icmp.error.reporter)
            record.keptRareFacts = KeptRareFacts(rareFacts)
        }
        return record
    }

    /// The address of one end.
    @inlinable
    public func address(_ side: Side) -> Address { key.address(side) }

    /// The port of one end.
    @inlinable
    public func port(_ side: Side) -> UInt16 { key.port(side) }
}
