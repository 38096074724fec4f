internal import TCPState
internal import Wire

// What the capture itself explains.
extension FindingAggregator {
    /// Where the capture shows that it misses a direction of a service, nothing can be said of ends that it
    /// does not show at all.
    func judgeUnseen(_ all: inout Groups) {
        let hidden = Set(all.values.filter { $0.key.diagnosis == .oneWay }.map(\.key.end.peer))
        guard !hidden.isEmpty else { return }
        for (key, group) in all where group.forms[.unseen] == group.count {
            guard
                key.diagnosis == .retransmitUntilDeath || key.diagnosis == .idleTimeoutBlackhole
                    || key.diagnosis == .keepaliveFailed || key.diagnosis == .halfOpenPeerRestarted,
                hidden.contains(key.end.peer)
            else { continue }
            all[key] = nil
        }
    }

    /// What a capture filter hides is not missing.
    func judgeCaptureFilter(_ all: inout Groups, _ facts: CaptureFacts) {
        guard let filter = facts.filter else { return }
        for key in all.keys where filter.hides(key.diagnosis) { all[key] = nil }
    }

    /// Where frames are out of order in the file, what follows from their order is not sure: no alarm.
    func judgeDisorder(_ all: inout Groups, _ facts: CaptureFacts) {
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
