public import Wire

/// A connection with its addresses: what reports and diagnoses are made from.
public struct ConnectionRecord: Sendable {
    /// The addresses and ports.
    public let key: FlowKey
    /// Both endpoints.
    public internal(set) var connection: Connection
    /// Few connections have notes: the others spend a word on them.
    @usableFromInline let noted: KeptNotes?

    /// Joins the parts; `notes` are what ``Connection/notes(_:)`` says.
    public init(
        key: FlowKey, connection: borrowing @_addressable Connection, notes: KeptNotes? = nil
    ) {
        self.key = key
        self.connection = copy connection
        noted = notes
        if connection.anomalies.contains(.selfConnect) { self.connection.mirrorItself() }
    }

    /// Whether anything was noted of it.
    @inlinable
    public var hasNotes: Bool { noted != nil }

    /// What was noted of it; nil if nothing was.
    @inlinable
    public var notes: Notes? { noted?.notes }

    /// Gives it the numbers that it has in a larger run.
    public mutating func renumber(serial: UInt32, stream: UInt32) {
        connection.renumber(serial: serial, stream: stream)
    }

    /// The address of one end.
    @inlinable
    public func address(_ side: Side) -> Address { key.address(side) }

    /// The port of one end.
    @inlinable
    public func port(_ side: Side) -> UInt16 { key.port(side) }
}
