internal import TCPState
internal import Wire

/// The words of `fin-wait-2-held`.
enum FINWait2Held: CatalogueEntry {
    static let name = "fin-wait-2-held"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection]

    static func title(_ words: Words) -> String {
        "the \(words.key.end.peer.name) kept its half until the peer had forgotten it"
    }

    static func sentence(_ words: Words) -> String {
        return
            "The \(words.owner) closed, and \(words.lengthText) later, when its kernel had dropped the"
            + " orphaned FIN_WAIT2, the \(words.peer) sent after all and was answered by RST."
    }

    static func refutation(_ words: Words) -> String {
        "another host answered in the \(words.key.end.name)'s place"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "let the \(words.end.peer.name)'s program close when its read returns 0",
            "`sysctl net.ipv4.tcp_fin_timeout` on the \(words.end.name) is how long it waited",
        ]
    }
}
