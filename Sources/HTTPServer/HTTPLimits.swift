/// What a server grants to strangers.
public struct HTTPLimits: Sendable {
    /// Connections at once; one more is answered 503.
    public var connections = 32
    /// Of these, streams of events at once, so that some are left for requests.
    public var eventStreams = 24
    /// Octets of one request, its header and a body that nobody reads.
    public var requestBytes = 16 << 10
    /// Seconds in which a request has to be complete, and a connection may be idle.
    public var requestSeconds: Int64 = 10
    /// Seconds in which a client has to take an answer.
    public var responseSeconds: Int64 = 30
    /// Milliseconds between two looks for a new revision.
    public var eventMilliseconds: Int64 = 250

    /// The usual ones.
    public init() {}
}
