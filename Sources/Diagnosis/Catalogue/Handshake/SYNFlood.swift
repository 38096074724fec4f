internal import TCPState
internal import Wire

/// The words of `syn-flood`.
enum SYNFlood: CatalogueEntry {
    static let name = "syn-flood"
    static let thresholds: [Thresholds.Name] = [.floodCount, .floodShare, .floodSources]
    static let summary = "SYN flood"
    static let definition =
        "Many SYNs within a few seconds, from many addresses, whose handshakes are never completed."

    static func title(_ words: Words) -> String {
        words.isHorizontal
            ? "SYNs with forged sources to many addresses"
            : "SYN flood: most handshakes are never completed"
    }

    static func sentence(_ words: Words) -> String {
        if words.isHorizontal {
            return
                "\(Count(words.count)) SYNs within \(words.lengthText), nearly all from different"
                + " addresses to different addresses: a tool sends them with forged sources."
        }
        let completed =
            words.measure == 0
            ? "none did"
            : "\(Count(words.measure)) others did, so the service is not just slow"
        return
            "\(Count(words.count)) SYNs did not complete their handshake within a second; \(completed)."
            + " Most were sent once, from many addresses."
    }

    static let rivals: [Rival] = [
        Rival(.realClients) { words in
            "the clients are real and the server is too slow: on the server, `ss -lnt \(words.ss(.server))`"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the server, `sysctl net.ipv4.tcp_syncookies` should be 1; `nstat -az TcpExtSyncookiesSent`"
                + " counts the cookies sent",
            "filter the sources upstream",
        ]
    }
}
