internal import TCPState
internal import Wire

/// The words of `self-connect`.
enum SelfConnect: CatalogueEntry {
    static let name = "self-connect"
    static let summary = "a client is connected to itself"
    static let definition =
        "Source and destination are the same address and port: the kernel gave the client, as its"
        + " ephemeral port, the port that it was connecting to."

    static func title(_ words: Words) -> String { "the client is connected to itself" }

    static func sentence(_ words: Words) -> String {
        "Source and destination are the same address and port: the kernel gave the client, as its"
            + " ephemeral port, the port that it was connecting to. The service that belongs there can no"
            + " longer bind it."
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "`sysctl -w net.ipv4.ip_local_reserved_ports=\(words.port)` reserves the port for its service"
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
