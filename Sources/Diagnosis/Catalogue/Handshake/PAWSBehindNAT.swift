internal import TCPState
internal import Wire

/// PAWS BEHIND NAT: several hosts behind one address, whose time stamp clocks differ; the server drops each SYN
/// whose time stamp is older than the last one of that address, as Linux before 4.12 does with tcp_tw_recycle.
/// Those with newer time stamps are answered at once.
enum PAWSBehindNAT: CatalogueEntry {
    static let name = "paws-behind-nat"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection, .cutOptions]
    static let summary = "SYNs with an older timestamp than others from their address are dropped"
    static let definition =
        "Several hosts share one address (NAT), and their timestamp clocks differ. The server drops each SYN whose"
        + " timestamp is older than that of an earlier SYN from the same address, as Linux before 4.12 does with"
        + " tcp_tw_recycle; SYNs with newer timestamps are answered."

    static func title(_ words: Words) -> String {
        "SYNs with an older timestamp than others from their address are dropped"
    }

    static func sentence(_ words: Words) -> String {
        "\(words.they("A SYN", "\(Count(words.count)) SYNs")) from \(words.other)"
            + " \(words.they("is", "are")) not answered, and each has an older timestamp than an earlier SYN"
            + " from that address that was answered; SYNs with newer timestamps are answered. Several hosts"
            + " share the address (NAT), and the server or a device in front of it compares their clocks."
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "on the server, set `sysctl -w net.ipv4.tcp_tw_recycle=0` (Linux 4.12 removed it); `nstat -az"
                + " TcpExtPAWSPassive` counts the dropped SYNs",
            "until then, `sysctl -w net.ipv4.tcp_timestamps=0` on the hosts behind \(words.other) helps",
        ]
    }
}

extension FindingAggregator {
    /// Unanswered SYNs whose time stamps explain that.
    func applyClockRule(_ all: inout Groups) {
        for key in all.keys.filter({ $0.diagnosis == .synFiltered }) {
            guard var group = all[key], group.count >= 2,
                let statistics = statistics(of: key.service),
                group.examples.prefix(3).allSatisfy({ example in
                    statistics.clocks.isBehind(
                        example.address(.client), example.firstTimestampValue,
                        at: example.firstSeen)
                })
            else { continue }
            all[key] = nil
            group.key.diagnosis = .pawsBehindNAT
            group.key.fault = .server
            group.forms = SmallCounter(.usual, group.count)
            group.worst = .warning
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }
}
