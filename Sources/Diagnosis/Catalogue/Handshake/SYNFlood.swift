internal import TCPState
internal import Wire

/// The words of `syn-flood`.
enum SYNFlood: CatalogueEntry {
    static let name = "syn-flood"

    static func title(_ words: Words) -> String {
        words.isHorizontal
            ? "SYNs from invented addresses to everywhere" : "a flood of SYNs that nobody completes"
    }

    static func sentence(_ words: Words) -> String {
        if words.isHorizontal {
            return
                "\(words.count) SYNs within \(words.lengthText), nearly every one from another address to"
                + " another one: a tool floods with forged sources."
        }
        let completed =
            words.measure == 0
            ? "none did" : "\(words.measure) others did, so the service is not just slow"
        return
            "\(words.count) SYNs did not complete their handshake within a second, \(completed); most"
            + " come once, from many addresses."
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
