internal import TCPState
internal import Wire

/// What `fin-wait-1-stuck` and `last-ack-stuck` have in common: a FIN that is sent again and again.
protocol RepeatedFIN: CatalogueEntry {}

extension RepeatedFIN {
    static var doubts: Set<CaptureFlaw.Kind> {
        [.lostPackets, .holes, .missingFile, .sampled, .oneDirection]
    }

    static func sentence(_ words: Words) -> String {
        let why =
            switch words.form {
            case .windowClosed: "the \(words.peer)'s window is closed: its program does not read"
            case .returnPath:
                "the \(words.peer)'s acknowledgments go past here and do not reach the \(words.owner)"
            default: "the \(words.peer) has said nothing since: it is gone, or the way to it"
            }
        return "The \(words.owner) has sent the same FIN again and again, and \(why)."
    }

    static func refutation(_ words: Words) -> String {
        "a capture at the \(words.key.end.name) shows the acknowledgment"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            words.form == .windowClosed
                ? "on the \(words.end.peer.name): `ss -tmn \(words.ss(words.end.peer))`, a full Recv-Q is a program"
                    + " that does not read"
                : "test the way: \(words.capture) on the \(words.end.peer.name)",
            "a firewall on the way may have forgotten the connection: its timeouts for closing"
                + " connections should be above 60 s",
        ]
    }
}
