internal import TCPState

/// What `keepalive-failed` and `retransmit-until-death` have in common: nothing comes from the peer any more.
protocol PeerGone: CatalogueEntry {}

extension PeerGone {
    static func refutation(_ words: Words) -> String {
        "a capture at the \(words.key.end.peer.name) shows its answers"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "is the \(words.end.peer.name) up? `ping \(words.end == .server ? words.other : words.server)`",
            "TCP_USER_TIMEOUT on the \(words.end.name) ends this sooner, a keepalive on its peer frees"
                + " the other half",
        ]
    }
}
