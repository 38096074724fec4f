internal import TCPState

/// What `keepalive-failed` and `retransmit-until-death` have in common: nothing comes from the peer any more.
protocol PeerGone: CatalogueEntry {}

extension PeerGone {
    static func refutation(_ words: Words) -> String {
        "a capture at the \(words.peer) shows its answers"
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "check that the \(words.peer) is up: `ping \(words.end == .server ? words.other : words.server)`",
            "TCP_USER_TIMEOUT on the \(words.owner) makes it give up sooner; keepalives on the"
                + " \(words.peer) free the other half",
        ]
    }
}
