public import Wire

/// A connection with its addresses: what reports and diagnoses are made from.
public struct ConnectionRecord: Sendable {
    /// The addresses and ports.
    public let key: FlowKey
    /// Both endpoints.
    public let connection: Connection
    @usableFromInline let noted: Noted

    /// Few connections have notes: the others spend a word on them.
    @usableFromInline enum Noted: Sendable {
        case nothing
        indirect case something(Notes)
    }

    /// Joins the parts; `notes` are what ``Context/notes(of:)`` says.
    @inlinable
    public init(key: FlowKey, connection: Connection, notes: Notes? = nil) {
        self.key = key
        var connection = connection
        if connection.anomalies.contains(.selfConnect) { connection.mirrorItself() }
        self.connection = connection
        noted = notes.map { .something($0) } ?? .nothing
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

    /// The address of one end.
    @inlinable
    public func address(_ side: Side) -> Address { key.address(side) }

    /// The port of one end.
    @inlinable
    public func port(_ side: Side) -> UInt16 { key.port(side) }
}
