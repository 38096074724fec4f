internal import TCPState
internal import Wire

/// The words of `time-wait-pileup`.
enum TimeWaitPileup: CatalogueEntry {
    static let name = "time-wait-pileup"

    static func title(_ words: Words) -> String {
        "TIME_WAITs pile up at the \(words.key.end.name), who closes first"
    }

    static func sentence(_ words: Words) -> String {
        return
            "The \(words.owner) sent the first FIN of \(words.count) connections and keeps each port pair"
            + " for its TIME_WAIT. It is the closer that pays, whoever opened."
    }

    static func refutation(_ words: Words) -> String {
        "the ports are far from used up"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "`ss -tan state time-wait \(words.ss(words.end)) | wc -l` on the \(words.end.name)",
            "keep connections open (a pool, HTTP keep-alive), or let the other side close;"
                + " tcp_fin_timeout does not change TIME_WAIT, tcp_tw_recycle is gone",
        ]
    }
}
