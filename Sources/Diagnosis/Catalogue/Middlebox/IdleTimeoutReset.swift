internal import TCPState
internal import Wire

/// The words of `idle-timeout-rst`.
enum IdleTimeoutReset: CatalogueEntry {
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

    static func refutation(_ words: Words) -> String {
        "a second capture, behind the suspect, shows the segment and no answer"
    }

    static func remedy(_ words: Words) -> [String] {
        let half = max(1, words.lengths.lowerBound / 2_000_000_000)
        return [
            "send keepalives more often than every \(half) s: `sysctl -w"
                + " net.ipv4.tcp_keepalive_time=\(half)`, with SO_KEEPALIVE set",
            "or raise the device's idle timeout, and test by \(words.capture) behind it",
        ]
    }
}
