/// What a client is answered.
public struct HTTPResponse: Sendable {
    /// The status codes that this server gives. RFC 9110, section 15; RFC 6585.
    public enum Status: Int, Sendable {
        /// Here it is.
        case ok = 200
        /// Not a request that can be understood.
        case badRequest = 400
        /// The token is missing, or another one.
        case unauthorized = 401
        /// Nothing has this name.
        case notFound = 404
        /// Neither GET nor HEAD.
        case methodNotAllowed = 405
        /// The request took too long to come.
        case requestTimeout = 408
        /// For another host than this one.
        case misdirectedRequest = 421
        /// More header than a request needs.
        case headerFieldsTooLarge = 431
        /// Too busy, or not well.
        case serviceUnavailable = 503

        /// The reason phrase.
        public var phrase: String {
            switch self {
            case .ok: "OK"
            case .badRequest: "Bad Request"
            case .unauthorized: "Unauthorized"
            case .notFound: "Not Found"
            case .methodNotAllowed: "Method Not Allowed"
            case .requestTimeout: "Request Timeout"
            case .misdirectedRequest: "Misdirected Request"
            case .headerFieldsTooLarge: "Request Header Fields Too Large"
            case .serviceUnavailable: "Service Unavailable"
            }
        }
    }

    /// What follows the head.
    public enum Body: Sendable {
        /// Octets.
        case bytes([UInt8])
        /// A stream of server-sent events, one for each revision of the application.
        case events
    }

    /// The status code.
    public let status: Status
    /// The media type of the body.
    public let contentType: String
    /// What follows the head.
    public let body: Body

    /// An answer with a body.
    public init(_ status: Status = .ok, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = .bytes(body)
    }

    /// The same of a text.
    public init(_ status: Status = .ok, contentType: String, text: String) {
        self.init(status, contentType: contentType, body: Array(text.utf8))
    }

    /// A line of plain text that says the status.
    public init(_ status: Status) {
        self.init(
            status, contentType: "text/plain; charset=utf-8",
            text: "\(status.rawValue) \(status.phrase)\n")
    }

    private init(events: Void) {
        status = .ok
        contentType = "text/event-stream"
        body = .events
    }

    /// An event named `change` for each new revision of the application, whose data is the revision, until the client
    /// leaves. See the HTML standard, "Server-sent events".
    public static let events = HTTPResponse(events: ())

    /// The body; nil of a stream of events.
    public var bytes: [UInt8]? {
        guard case .bytes(let bytes) = body else { return nil }
        return bytes
    }
}
