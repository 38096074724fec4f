internal import TCPState
internal import Wire

/// The words of `simultaneous-open`.
enum SimultaneousOpen: CatalogueEntry {
    static let name = "simultaneous-open"
    static let summary = "both ends opened the connection at the same time"
    static let definition =
        "The SYNs of both ends crossed and each end answered with SYN-ACK (RFC 9293, figure 7)."

    static func title(_ words: Words) -> String {
        "both ends opened the connection at the same time"
    }

    static func sentence(_ words: Words) -> String {
        "The SYNs crossed. This is legal and makes one connection."
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
