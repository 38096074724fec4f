internal import TCPState
internal import Wire

/// The words of `forged-rst`.
enum ForgedReset: CatalogueEntry {
    static let name = "forged-rst"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .missingFile]

    static func title(_ words: Words) -> String {
        "somebody else sends RSTs in the \(words.key.end.name)'s name"
    }

    static func sentence(_ words: Words) -> String {
        let proof =
            words.grade == .proved
            ? "The \(words.owner) goes on with new data after it"
            : "Its time to live is another one"
        return "The RST is not the \(words.owner)'s own. \(proof)."
    }

    static func refutation(_ words: Words) -> String {
        "the capture joins two sides of a NAT, or the route changed"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "ask the firewall, IPS or load balancer between \(words.other) and \(words.server) for its log",
            "\(words.capture) before and behind each device shows which one it is",
        ]
    }
}

extension ConnectionExaminer {
    /// FORGED RST: after the RST its claimed sender goes on with new data, which nobody does who has
    /// sent a RST (proved); or the RST's time to live is not that of the sender's other segments
    /// (inferred). Where a long silence came before, it is a device that has forgotten the connection:
    /// IDLE-TIMEOUT RST; then also where the RST came sooner than the peer has ever answered.
    func forged(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        let isAnswer = reset.isAfterData || reset.isAfterProbe
        let wasIdle = reset.silence >= limits[.idle] && isAnswer
        let cameAnotherWay = reset.timeToLive != reset.usualTimeToLive
        let isTooSoon =
            wasIdle && reset.form == .stateless
            && (self[sender].roundTrip.map { $0 > 1_000_000 && reset.delay < $0 / 2 } ?? false)
        if wasIdle, cameAnotherWay || isTooSoon {
            return finding(
                .idleTimeoutReset, reset, by: sender, fault: .middlebox, .warning,
                isTooSoon ? .proved : .inferred, length: reset.silence,
                from: rareFacts?.gap?.frame)
        }
        guard reset.laterFrame != nil || cameAnotherWay else { return nil }
        return Finding(
            .forgedReset, end: sender, fault: .middlebox, .warning,
            reset.laterFrame == nil ? .inferred : .proved, since: reset.time, frame: reset.frame,
            laterFrame: reset.laterFrame)
    }
}
