/// What a server serves. It is asked on one thread at a time.
public protocol HTTPApplication: Sendable {
    /// Answers a request.
    func respond(to request: HTTPRequest) -> HTTPResponse
    /// Grows with every change that a client may want to know of.
    var revision: UInt64 { get }
}
