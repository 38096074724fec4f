internal import TCPState
internal import Wire

/// The words of `idle-timeout-blackhole`.
enum IdleTimeoutBlackhole: ForgottenWhenIdle {
    static let name = "idle-timeout-blackhole"
    static let doubts: Set<CaptureFlaw.Kind> = [
        .sampled, .oneDirection, .flagsOnly, .timeJumps, .backInTime,
    ]

    static func title(_ words: Words) -> String {
        "a device forgets idle connections and drops what follows"
    }

    static func sentence(_ words: Words) -> String {
        return
            "After a silence the \(words.owner)'s data is never acknowledged, while the \(words.peer) is"
            + " alive on other connections. \(words.timeout)"
    }
}
