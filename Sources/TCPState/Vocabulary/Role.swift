/// What an endpoint is to its connection: who opened it and who was opened to.
public enum Role: UInt8, CaseIterable, Hashable, Sendable {
    /// The opener.
    case client
    /// The other end.
    case server

    /// The role's name in reports.
    public var name: String { self == .client ? "client" : "server" }

    /// The other role.
    public var peer: Role { self == .client ? .server : .client }
}

extension Connection {
    /// The role of one end, as far as it is known.
    public func role(_ side: Side) -> Role { side == opener ? .client : .server }

    /// The end in a role.
    public func side(_ role: Role) -> Side { role == .client ? opener : opener.peer }

    /// The endpoint in a role.
    public subscript(role: Role) -> Endpoint {
        @inline(__always) @_addressableSelf get { self[side(role)] }
    }
}
