internal import TCPState
internal import Wire

// Handshakes of one service that fail together.
extension FindingAggregator {
    /// ACCEPT QUEUE FULL takes several handshakes of one service that were ignored at about the same
    /// time, one of them with data at least: TCP_DEFER_ACCEPT waits for data, a lost ACK is followed by
    /// it. SYNs that were not answered meanwhile belong to it.
    ///
    /// A full queue drops new SYNs as well, and what comes after a SYN cookie: repeated SYNs of several
    /// connections, or first data that is never acknowledged, while the service completes others, are
    /// the same thing.
    func mergeAcceptQueueOverflow(_ all: inout Groups, _ facts: CaptureFacts) {
        var queues = Set(all.keys.lazy.filter { $0.diagnosis == .acceptQueueFull }.map(\.service))
        let hiding = all.keys.filter(\.diagnosis.mayHideFullQueue)
        // Silence counts where other handshakes of the service tell of a full queue: they come first.
        for key in hiding.filter({ $0.diagnosis != .synFiltered })
            + hiding.filter({ $0.diagnosis == .synFiltered })
        {
            guard var group = all[key], let form = group.formOfFullQueue,
                Int64(group.settled) >= limits[.queueCount],
                let statistics = statistics(of: key.service),
                statistics.hasCompleted(about: group.oldest),
                form != .silence || statistics.lastCompleted < group.oldest
                    || queues.contains(key.service)
            else { continue }
            all[key] = nil
            group.key = FindingGroup.Key(
                diagnosis: .acceptQueueFull, service: key.service, end: .server, fault: .server)
            group.forms = SmallCounter(form, group.count)
            group.worst = .warning
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
            queues.insert(key.service)
        }
        // A single one whose last ACK was dropped, with a SYN cookie, is one more.
        let ignored = hiding.filter { all[$0]?.formOfFullQueue == .unread }
        let handshakes = handshakes(all).merging(
            Dictionary(grouping: ignored, by: \.service), uniquingKeysWith: +)
        for key in all.keys.filter({ $0.diagnosis == .acceptQueueFull }) {
            guard var group = all[key] else { continue }
            let forms: [Finding.Form] = [.unread, .reset, .silence]
            let withData = forms.reduce(0) { $0 + group.forms[$1] }
            let isDense =
                group.newest - group.oldest
                <= TimeSpan(nanoseconds: ServiceStatistics.windowLength)
                * group.count / max(1, limits[.queueCount] as Int64)
            all[key] = nil
            let isServed = (statistics(of: key.service)?.served ?? 0) > 0
            let isTold = isServed || facts.vantage == .server || facts.vantage == .everywhere
            if Int64(group.count) >= limits[.queueCount], withData > 0, isDense, isTold {
                for other in handshakes[key.service, default: []] {
                    group.related += all.removeValue(forKey: other)?.count ?? 0
                }
                all[key] = group
                continue
            }
            group.key.diagnosis = group.forms[.reset] == 0 ? .synReceivedStuck : .abortiveClose
            group.worst = .notice
            if withData > 0, !isTold, group.forms[.reset] == 0 {
                group.key.fault = .path
                group.forms = SmallCounter(.inVain, group.count)
                // A few seconds of it may be the loss of one segment.
                if Int64(group.count) >= limits[.queueCount]
                    || group.examples.contains(where: { $0.finding.count > 3 })
                {
                    group.worst = .warning
                }
                group.grade = .inferred
            }
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }

    /// What may be the matter with handshakes, by service.
    func handshakes(_ all: Groups) -> [Service?: [FindingGroup.Key]] {
        Dictionary(grouping: all.keys.filter(\.diagnosis.isHandshake), by: \.service)
    }

    func mergeSYNFloods(_ all: inout Groups, _ facts: CaptureFacts) {
        if let flood = lone.flood(limits) {
            all[flood.key] = flood
            let targets = all.keys.filter {
                [.unfinished, .synFiltered, .refused].contains($0.diagnosis)
            }
            for key in targets where all[key]?.count == 1 { all[key] = nil }
        }
        let handshakes = handshakes(all)
        for (place, service) in services.keys.enumerated() {
            guard let count = services.values[place].flood(limits, facts) else { continue }
            var flood = services.values[place].incomplete
            flood.count = count
            flood.settled = count
            flood.measure = Int64(services.values[place].completed)
            for key in handshakes[service, default: []] { all[key] = nil }
            all[flood.key] = flood
        }
    }

    /// SYN,ACKs that are repeated and not answered, to a client that completes other handshakes: no address is
    /// forged and no host gone. It does not repeat its SYN, so it has the SYN,ACK: its answers are dropped.
    func applyBlockedAnswerRule(_ all: inout Groups) {
        for key in all.keys.filter({ $0.diagnosis == .synReceivedStuck }) {
            guard var group = all[key], group.form == .silence,
                statistics(of: key.service)?.completed == 0,
                group.examples.prefix(3).allSatisfy({
                    completers.mayContain($0.address(.client))
                })
            else { continue }
            all[key] = nil
            group.key.fault = .path
            group.forms = SmallCounter(.blocked, group.count)
            if Int64(group.count) >= limits[.queueCount] { group.worst = .warning }
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }
}
