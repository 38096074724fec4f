internal import TCPState

/// What `keepalive-failed` and `retransmit-until-death` have in common: nothing comes from the peer any more.
protocol PeerGone: CatalogueEntry {}

extension PeerGone {
    static var rivals: [Rival] {
        [
            .forgedReset,
            Rival(.returnPath) { words in
                "the \(words.peer) answers and the answers are lost: on the \(words.peer), run \(words.capture)"
            },
        ]
    }

    static func remedy(_ words: Words) -> [String] {
        [
            words.isPeerUp
                ? "on firewalls, NAT and load balancers on the path, look for the connection (`conntrack -L`)"
                    + " and for their idle timeouts; on the \(words.peer), run \(words.capture)"
                : "check that the \(words.peer) is up: `ping \(words.end == .server ? words.other : words.server)`",
            "TCP_USER_TIMEOUT on the \(words.endName) makes it give up sooner; keepalives on the"
                + " \(words.peer) free the other half",
        ]
    }
}
