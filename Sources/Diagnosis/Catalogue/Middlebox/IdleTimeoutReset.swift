internal import TCPState
internal import Wire

/// The words of `idle-timeout-rst`.
enum IdleTimeoutReset: ForgottenWhenIdle {
    static let name = "idle-timeout-rst"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection, .timeJumps, .backInTime]

    static func title(_ words: Words) -> String {
        "a device forgets idle connections and resets what follows"
    }

    static func sentence(_ words: Words) -> String {
        return
            "After a silence the first segment is answered by a RST in the \(words.owner)'s name that"
            + " the \(words.owner) did not send: another time to live, or too soon. \(words.timeout)"
    }
}
