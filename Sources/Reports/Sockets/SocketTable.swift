public import Wire

/// The sockets at one instant.
public struct SocketTable: Sendable {
    /// The instant; nil for the end of a capture without frames.
    public let time: Timestamp?
    /// The sockets.
    public let rows: [SocketRow]
    /// A line above the table that says when; nil for none.
    public let title: String?

    /// Joins the parts.
    public init(time: Timestamp?, rows: [SocketRow], title: String? = nil) {
        self.time = time
        self.rows = rows
        self.title = title
    }
}
