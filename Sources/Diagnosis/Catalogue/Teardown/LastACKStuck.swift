internal import TCPState
internal import Wire

/// The words of `last-ack-stuck`.
enum LastACKStuck: RepeatedFIN {
    static let name = "last-ack-stuck"

    static func title(_ words: Words) -> String {
        "the \(words.key.end.name)'s last FIN is not acknowledged"
    }
}
