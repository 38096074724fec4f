internal import TCPState
internal import Wire

/// DUPLICATE ADDRESS: two hosts on one link have the same IP address. What is meant for the one reaches the other
/// from time to time, which knows no such connection and answers by RST, from a hardware address of its own,
/// while the first one's socket lives on. An address that moves for good (failover) is none: its old hardware
/// address says nothing more.
enum DuplicateAddress: CatalogueEntry {
    static let name = "duplicate-address"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes]
    static let summary = "two hosts on one link use the same address"
    static let definition =
        "Segments for one host reach a second host with the same IP address, which has no such connection and answers"
        + " by RST from a different hardware address, while the first host's socket lives on. After a failover the old"
        + " hardware address sends nothing more."

    static let rivals: [Rival] = [
        Rival(
            .anotherSender,
            ofConnection: { examiner, _ in
                examiner.rareFacts?.reset.map { $0.mayAnswer && $0.hasAcknowledgedNumber } ?? false
                    ? .answersSegment : nil
            },
            doubt: { words in
                "a device on the link forges RSTs: `arping -c 3 \(words.address(words.end))`"
            }),
        Rival(
            .restart,
            ofConnection: { examiner, _ in
                (examiner.rareFacts?.reset).flatMap { $0.laterFrame ?? $0.lifeFrame }
                    .map { .goesOn(frame: $0) }
            },
            doubt: { words in "the address has moved to the second host (failover): check its log" }
        ),
    ]

    static func title(_ words: Words) -> String {
        "two hosts use the \(words.endName)'s address"
    }

    static func sentence(_ words: Words) -> String {
        "The RST comes from a different hardware address than the \(words.endName)'s other segments, and the"
            + " \(words.endName) goes on sending from the first: a second host with the same IP address"
            + " answers for connections that it does not know.\(words.timesToLive)"
    }

    static func remedy(_ words: Words) -> [String] {
        let address = words.examples.first?.address(words.end).description ?? words.server
        return [
            "on a host of that link, run `arping -c 3 \(address)`: do two hardware addresses answer? On the"
                + " router, `ip neigh show \(address)` shows which one it uses",
            "take the address from one of the two hosts; look for a cloned machine, a leftover failover"
                + " address, or two DHCP servers",
        ]
    }
}

extension ConnectionExaminer {
    /// A RST that finds no socket, from a host on the same link that is not the one that opened the connection,
    /// which lives on. That both are on the link shows in their times to live, which no router has lowered.
    func duplicateAddress(_ reset: RareFacts.Reset, _ sender: Role) -> Finding? {
        let known = self[sender].first
        guard reset.form == .stateless, reset.mayAnswer, reset.hardwareSource != 0,
            known.hardwareSource != 0, reset.hardwareSource != known.hardwareSource,
            reset.timeToLive.isUnrouted, known.timeToLive.isUnrouted
        else { return nil }
        return Finding(
            .duplicateAddress, end: sender, fault: Fault(sender), .warning, .proved,
            since: reset.time, count: 1 + Int(reset.others), frame: reset.frame,
            laterFrame: reset.laterFrame ?? reset.lifeFrame)
    }
}

extension UInt8 {
    /// Whether it is a time to live that stacks begin with: no router has lowered it.
    var isUnrouted: Bool { self == 64 || self == 128 || self == 255 }
}

extension FindingAggregator {
    /// A refusal or a RST without a socket, from another hardware address than the service's SYN,ACKs before and
    /// after it.
    func applyDuplicateRule(_ all: inout Groups) {
        var known: [Address?: Set<UInt16>] = [:]
        for key in all.keys where key.diagnosis == .duplicateAddress && key.end == .server {
            known[key.service?.address, default: []].formUnion(
                all[key]?.examples.compactMap { $0.reset?.hardwareSource } ?? [])
        }
        for key in all.keys.filter({
            $0.diagnosis == .refused
                || ($0.diagnosis == .halfOpenPeerRestarted || $0.diagnosis == .forgedReset)
                    && $0.end == .server
        }) {
            guard var group = all[key], let statistics = statistics(of: key.service) else {
                continue
            }
            let others = known[key.service?.address] ?? []
            guard
                group.examples.prefix(3).allSatisfy({ example in
                    example.isFromAnotherHost(than: statistics)
                        || example.reset.map { others.contains($0.hardwareSource) } ?? false
                })
            else { continue }
            all[key] = nil
            group.key.diagnosis = .duplicateAddress
            group.key.fault = .server
            group.forms = SmallCounter(.usual, group.count)
            group.worst = .warning
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }
}

extension FindingExample {
    /// Whether its RST comes from another host of the link than the service's SYN,ACKs before and after.
    fileprivate func isFromAnotherHost(than statistics: ServiceStatistics) -> Bool {
        guard let reset, reset.form != .live, reset.mayAnswer, reset.hardwareSource != 0,
            reset.timeToLive.isUnrouted,
            statistics.usualTimeToLive?.isUnrouted ?? false,
            !statistics.hardware.contains(where: { $0.source == reset.hardwareSource })
        else { return false }
        return statistics.hardware.contains { $0.first < reset.time && $0.last > reset.time }
    }
}
