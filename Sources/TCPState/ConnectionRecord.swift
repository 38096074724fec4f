public import Wire

/// A connection with its addresses: what reports and diagnoses are made from.
public struct ConnectionRecord: Sendable {
    /// The addresses and ports.
    public let key: FlowKey
    /// Both endpoints.
    public let connection: Connection

    /// Joins the two.
    @inlinable
    public init(key: FlowKey, connection: Connection) {
        self.key = key
        self.connection = connection
    }

    /// The address of one end.
    @inlinable
    public func address(_ side: Side) -> Address { key.address(side) }

    /// The port of one end.
    @inlinable
    public func port(_ side: Side) -> UInt16 { key.port(side) }
}
