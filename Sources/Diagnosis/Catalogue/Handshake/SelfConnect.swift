internal import TCPState
internal import Wire

/// The words of `self-connect`.
enum SelfConnect: CatalogueEntry {
    static let name = "self-connect"

    static func title(_ words: Words) -> String {
        "a client is connected to itself"
    }

    static func sentence(_ words: Words) -> String {
        return "Source and destination are the same address and port: the client was given the"
            + " port that it called. The service that belongs there cannot bind it now."
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "`sysctl -w net.ipv4.ip_local_reserved_ports=\(words.port)` keeps the port for its service"
        ]
    }
}

extension ConnectionExaminer {
    /// SELF-CONNECT: source and destination are the same address and port. The client was given the
    /// port it called, and the service that belongs there can no longer bind it.
    var selfConnect: Finding? {
        guard connection.anomalies.contains(.selfConnect) else { return nil }
        return Finding(
            .selfConnect, end: .client, fault: .client, .warning, .proved,
            since: connection.firstSeen, frame: connection.firstFrame)
    }
}
