internal import TCPState
internal import Wire

/// The words of `time-wait-pileup`.
enum TimeWaitPileup: CatalogueEntry {
    static let name = "time-wait-pileup"
    static let thresholds: [Thresholds.Name] = [.timeWait]
    static let summary = "TIME_WAIT sockets pile up on the side that closes first"
    static let definition =
        "One host sends the first FIN on many connections to one service. TIME_WAIT is held by the side"
        + " that closes first: until it ends, each of these port pairs stays reserved there."

    static func title(_ words: Words) -> String {
        "TIME_WAIT sockets pile up at the \(words.endName), which closes first"
    }

    static func sentence(_ words: Words) -> String {
        "The \(words.endName) sent the first FIN on \(words.connections). TIME_WAIT is held by the side"
            + " that closes first: each port pair stays reserved there until it ends."
    }

    static let rivals: [Rival] = [
        Rival(.wanted) { _ in
            "the port range is far from exhausted: `sysctl net.ipv4.ip_local_port_range`"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the \(words.endName), `ss -Htan state time-wait \(words.ss(words.end)) | wc -l` counts them",
            "keep connections open (connection pool, HTTP keep-alive), or let the other side close first;"
                + " tcp_fin_timeout does not change TIME_WAIT, and tcp_tw_recycle no longer exists",
        ]
    }
}
