internal import TCPState
internal import Wire

/// The words of `simultaneous-open`.
enum SimultaneousOpen: CatalogueEntry {
    static let name = "simultaneous-open"

    static func title(_ words: Words) -> String {
        "both ends called each other at once"
    }

    static func sentence(_ words: Words) -> String {
        return "The SYNs crossed: legal, and one connection."
    }
}

extension ConnectionExaminer {
    /// SIMULTANEOUS OPEN (benign): the SYNs cross, and each end answers with SYN,ACK. RFC 9293,
    /// figure 7.
    var simultaneousOpen: Finding? {
        guard connection.anomalies.contains(.simultaneousOpen), client.hasSentSYN,
            server.hasSentSYN
        else { return nil }
        return Finding(
            .simultaneousOpen, end: .client, fault: .nobody, .benign, .proved,
            since: connection.firstSeen, frame: connection.firstFrame)
    }
}
