internal import TCPState
internal import Wire

// What the capture itself explains.
extension FindingAggregator {
    /// Where the capture shows that it misses a direction, nothing can be said of ends that it does not show at
    /// all.
    func applyUnseenRule(_ all: inout Groups) {
        let oneWays = all.keys.filter { $0.diagnosis == .oneWay }.compactMap { all[$0] }
        guard !oneWays.isEmpty else { return }
        let hidden = Set(oneWays.map(\.key.end.peer))
        let hosts = Set(
            oneWays.flatMap { group in
                group.examples.map { $0.address(group.key.end.peer) }
            })
        let heard = Set(
            services.keys.indices.lazy.filter { services.values[$0].heard != .distantPast }
                .map { services.keys[$0].address })
        let unseen = all.keys.filter { key in
            let silent = key.end.peer
            switch key.diagnosis {
            case .retransmitUntilDeath, .idleTimeoutBlackhole, .keepaliveFailed,
                .halfOpenPeerRestarted:
                guard let group = all[key] else { return false }
                return group.forms[.unseen] == group.count
                    && (hidden.contains(silent)
                        || group.examples.contains { hosts.contains($0.address(silent)) })
            case .synFiltered:
                return all[key]?.forms[.reported] == 0 && hidden.contains(.server)
                    && key.service.map { !heard.contains($0.address) } ?? false
            default: return false
            }
        }
        for key in unseen { all[key] = nil }
    }

    /// What a capture filter hides is not missing.
    func applyCaptureFilterRule(_ all: inout Groups, _ facts: CaptureFacts) {
        guard let filter = facts.filter else { return }
        for key in all.keys.filter({ filter.hides($0.diagnosis) }) { all[key] = nil }
    }

    /// Where the capture has segments before and behind a router, a time to live that differs by one or two tells
    /// nothing of the sender: no alarm by that alone.
    func applyRoutedCopyRule(_ all: inout Groups, _ facts: CaptureFacts) {
        guard facts.hasRoutedCopies else { return }
        for key in all.keys.filter({
            $0.diagnosis == .forgedReset || $0.diagnosis == .idleTimeoutReset
        }) {
            guard var group = all[key],
                group.examples.allSatisfy({ example in
                    guard let reset = example.reset, (reset.laterFrame ?? reset.lifeFrame) == nil
                    else { return false }
                    return abs(Int(reset.timeToLive) - Int(reset.usualTimeToLive)) <= 2
                })
            else { continue }
            group.worst = .notice
            group.grade = .assumed
            all[key] = group
        }
    }

    /// Where frames are out of order in the file, what follows from their order is not sure: no alarm.
    func applyDisorderRule(_ all: inout Groups, _ facts: CaptureFacts) {
        guard facts.hasDisorder else { return }
        for key in all.keys.filter(\.diagnosis.restsOnOrder) {
            guard var group = all[key] else { continue }
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
