public import TCPState
internal import Wire

/// Where the tap is, seen from a connection.
public enum Vantage: String, CaseIterable, Sendable {
    /// On the client's host: what it received went past at that very moment.
    case client
    /// On the server's host.
    case server
    /// On the way: both ends are some distance off.
    case between
    /// Both ends are so near that it makes no difference.
    case everywhere

    /// Where the tap is by how long each end takes to answer what goes past; nil without both times.
    ///
    /// The end that answers within 0.4 ms and at least four times as fast as the other is where the
    /// tap is: a kernel acknowledges within some ten microseconds, a network takes longer.
    public init?(of connection: borrowing @_addressable Connection) {
        guard let client = connection.client.roundTrip, let server = connection.server.roundTrip
        else { return nil }
        let near: TimeSpan = 400_000
        switch (client <= near, server <= near) {
        case (true, true): self = .everywhere
        case (true, false) where client * 4 <= server: self = .client
        case (false, true) where server * 4 <= client: self = .server
        case (true, false), (false, true), (false, false): self = .between
        }
    }
}
