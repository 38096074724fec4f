internal import TCPState
internal import Wire

/// The words of `idle-timeout-blackhole`.
enum IdleTimeoutBlackhole: ForgottenWhenIdle {
    static let name = "idle-timeout-blackhole"
    static let doubts: Set<CaptureFlaw.Kind> = [
        .sampled, .oneDirection, .flagsOnly, .timeJumps, .backInTime,
    ]
    static let thresholds: [Thresholds.Name] = [.idle, .retransmissions]
    static let summary = "a device forgets idle connections and silently drops what follows"
    static let definition =
        "After a silence an end's data is never acknowledged, while its peer is alive on other"
        + " connections. A firewall, NAT or load balancer on the path removed the idle connection from"
        + " its table and drops its segments."

    static func title(_ words: Words) -> String {
        "a device forgets idle connections and silently drops what follows"
    }

    static func sentence(_ words: Words) -> String {
        "After a silence the \(words.endName)'s data is never acknowledged, while the \(words.peer) is alive"
            + " on other connections. \(words.timeout)"
    }
}
