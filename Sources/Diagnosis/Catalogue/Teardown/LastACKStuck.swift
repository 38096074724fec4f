internal import TCPState
internal import Wire

/// The words of `last-ack-stuck`.
enum LastACKStuck: RepeatedFIN {
    static let name = "last-ack-stuck"
    static let summary = "the final FIN is never acknowledged"
    static let definition =
        "An end that had received its peer's FIN sent its own FIN several times, and no acknowledgment"
        + " of it reached that end. It stays in LAST_ACK until it gives up."

    static func title(_ words: Words) -> String {
        "the \(words.endName)'s final FIN is never acknowledged"
    }
}
