internal import TCPState
internal import Wire

/// The words of `idle-timeout-rst`.
enum IdleTimeoutReset: ForgottenWhenIdle {
    static let name = "idle-timeout-rst"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection, .timeJumps, .backInTime]
    static let thresholds: [Thresholds.Name] = [.idle]
    static let summary = "a device forgets idle connections and resets what follows"
    static let definition =
        "After a silence the next segment is answered with a RST that the peer did not send: its TTL"
        + " differs, or it came sooner than the peer can answer. A device on the path removed the idle"
        + " connection from its table. Or the device that made an end's handshake (a load balancer, a SYN"
        + " proxy) resets idle connections: the RST has the TTL of the SYN, the end's data a different one."

    static func title(_ words: Words) -> String {
        "a device forgets idle connections and resets what follows"
    }

    static func sentence(_ words: Words) -> String {
        words.form == .device
            ? "The \(words.endName)'s handshake and the RST have the same TTL, its data a different one: a device on the"
                + " path (a load balancer, a SYN proxy) opens connections in the \(words.endName)'s name, and"
                + " resets them after \(words.lengthText) of silence.\(words.timesToLive)"
            : "After a silence the next segment is answered with a RST in the \(words.endName)'s name that the"
                + " \(words.endName) did not send: its TTL differs, or it came too soon.\(words.timesToLive)"
                + " \(words.timeout)"
    }
}
