internal import TCPState
internal import Wire

/// The words of `syn-flood`.
enum SYNFlood: CatalogueEntry {
    static let name = "syn-flood"

    static func title(_ words: Words) -> String {
        "a flood of SYNs that nobody completes"
    }

    static func sentence(_ words: Words) -> String {
        return
            "\(words.count) SYNs did not complete their handshake, \(words.measure) did; most come once,"
            + " from many addresses."
    }

    static func refutation(_ words: Words) -> String {
        "the clients are real and the server is too slow"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "on the server: `sysctl net.ipv4.tcp_syncookies` should be 1; `nstat -az"
                + " TcpExtSyncookiesSent`",
            "filter the sources upstream",
        ]
    }
}
