internal import TCPState
internal import Wire

/// The words of `refused`.
enum Refused: CatalogueEntry {
    static let name = "refused"

    static func title(_ words: Words) -> String {
        "nothing listens on the port"
    }

    static func sentence(_ words: Words) -> String {
        return "The SYN is answered by RST: the host is up and nothing listens there."
    }

    static func refutation(_ words: Words) -> String {
        "the RST's time to live differs from the server's: a filter sent it"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "on the server: `ss -lntp \(words.ss(.server))`: start it, or bind the right address"
        ]
    }
}

extension ConnectionExaminer {
    /// REFUSED: the SYN is answered by RST. The host is up and nothing listens there, or a filter
    /// answers in its place.
    var refused: Finding? {
        guard client.hasSentSYN, !server.hasSentSYN, server.payload == 0, server.rstCount > 0,
            client.packets == UInt64(client.synCount)
        else { return nil }
        return Finding(
            .refused, end: .server, fault: .server, .notice, .proved, since: server.lastSent,
            count: Int(client.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }
}
