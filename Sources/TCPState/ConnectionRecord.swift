public import Wire

/// A connection with its addresses: what reports and diagnoses are made from.
public struct ConnectionRecord: Sendable {
    /// The addresses and ports.
    public let key: FlowKey
    /// Both endpoints.
    public internal(set) var connection: Connection
    @usableFromInline let noted: Noted

    /// Few connections have notes: the others spend a word on them.
    @usableFromInline enum Noted: Sendable {
        case nothing
        indirect case something(Notes)
    }

    /// Joins the parts; `notes` are what ``Context/notes(of:)`` says.
    public init(key: FlowKey, connection: Connection, notes: Notes? = nil) {
        self.key = key
        self.connection = connection
        noted = notes.map { .something($0) } ?? .nothing
        if connection.anomalies.contains(.selfConnect) { self.connection.mirrorItself() }
    }

    /// Whether anything was noted of it.
    @inlinable
    public var hasNotes: Bool {
        switch noted {
        case .nothing: false
        case .something: true
        }
    }

    /// What was noted of it; nil if nothing was.
    @inlinable
    public var notes: Notes? {
        switch noted {
        case .nothing: nil
        case .something(let notes): notes
        }
    }

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
