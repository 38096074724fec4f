internal import TCPState
internal import Wire

/// The words of `fin-wait-2-held`.
enum FINWait2Held: CatalogueEntry {
    static let name = "fin-wait-2-held"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection]
    static let thresholds: [Thresholds.Name] = [.finWait2]
    static let summary = "an end did not close before its peer's FIN_WAIT2 timed out"
    static let definition =
        "One end closed and its peer did not. About a minute later the kernel of the closed end dropped"
        + " the orphaned FIN_WAIT2 socket, so the next segment from the peer was answered with RST."

    static func title(_ words: Words) -> String {
        "the \(words.peer) did not close before the \(words.endName)'s FIN_WAIT2 timed out"
    }

    static func sentence(_ words: Words) -> String {
        "The \(words.endName) closed. \(words.lengthText) later, when its kernel had dropped the orphaned"
            + " FIN_WAIT2 socket, the \(words.peer) sent a segment and was answered with RST."
    }

    static let rivals: [Rival] = [.forgedReset, .secondHost]

    static func remedy(_ words: Words) -> [String] {
        [
            "make the \(words.peer) application close when read() returns 0",
            "on the \(words.endName), `sysctl net.ipv4.tcp_fin_timeout` shows how long its kernel waits in"
                + " FIN_WAIT2",
        ]
    }
}
