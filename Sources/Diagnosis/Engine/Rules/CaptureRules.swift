internal import TCPState
internal import Wire

// What the capture itself explains.
extension FindingAggregator {
    /// Where the capture shows that it misses a direction, nothing can be said of ends that it does not show at
    /// all.
    func applyUnseenRule(_ all: inout Groups) {
        let oneWays = all.values.filter { $0.key.diagnosis == .oneWay }
        guard !oneWays.isEmpty else { return }
        let hidden = Set(oneWays.map(\.key.end.peer))
        let hosts = Set(
            oneWays.flatMap { group in
                group.examples.map { $0.address(group.key.end.peer) }
            })
        let heard = Set(
            zip(services.keys, services.values).filter { $0.1.heard != .distantPast }
                .map(\.0.address))
        for (key, group) in all {
            let silent = key.end.peer
            let isHidden =
                switch key.diagnosis {
                case .retransmitUntilDeath, .idleTimeoutBlackhole, .keepaliveFailed,
                    .halfOpenPeerRestarted:
                    group.forms[.unseen] == group.count
                        && (hidden.contains(silent)
                            || group.examples.contains { hosts.contains($0.address(silent)) })
                case .synFiltered:
                    group.forms[.reported] == 0 && hidden.contains(.server)
                        && key.service.map { !heard.contains($0.address) } ?? false
                default: false
                }
            if isHidden { all[key] = nil }
        }
    }

    /// What a capture filter hides is not missing.
    func applyCaptureFilterRule(_ all: inout Groups, _ facts: CaptureFacts) {
        guard let filter = facts.filter else { return }
        for key in all.keys where filter.hides(key.diagnosis) { all[key] = nil }
    }

    /// Where the capture has segments before and behind a router, a time to live that differs by one or two tells
    /// nothing of the sender: no alarm by that alone.
    func applyRoutedCopyRule(_ all: inout Groups, _ facts: CaptureFacts) {
        guard facts.hasRoutedCopies else { return }
        for (key, group) in all
        where key.diagnosis == .forgedReset || key.diagnosis == .idleTimeoutReset {
            guard
                group.examples.allSatisfy({ example in
                    guard let reset = example.reset, (reset.laterFrame ?? reset.lifeFrame) == nil
                    else { return false }
                    return abs(Int(reset.timeToLive) - Int(reset.usualTimeToLive)) <= 2
                })
            else { continue }
            var group = group
            group.worst = .notice
            group.grade = .assumed
            all[key] = group
        }
    }

    /// Where frames are out of order in the file, what follows from their order is not sure: no alarm.
    func applyDisorderRule(_ all: inout Groups, _ facts: CaptureFacts) {
        guard facts.hasDisorder else { return }
        for (key, group) in all where key.diagnosis.restsOnOrder {
            var group = group
            group.worst = max(group.worst, .notice)
            group.grade = .assumed
            all[key] = group
        }
    }
}

extension Diagnosis {
    /// Whether it follows from which of two segments came first.
    fileprivate var restsOnOrder: Bool {
        [
            .portReuseCollision, .halfOpen, .finWait1Stuck, .lastACKStuck, .resetIgnored,
            .forgedReset,
        ]
        .contains(self)
    }
}
