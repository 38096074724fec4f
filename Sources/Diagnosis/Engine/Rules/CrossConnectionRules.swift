internal import TCPState
internal import Wire

// What the connections say together: each alone may look like something else.
extension FindingAggregator {
    typealias Groups = [FindingGroup.Key: FindingGroup]

    /// The groups, the worst first: by severity, then by number, then by age.
    ///
    /// - Parameter facts: what is known of the capture as a whole.
    public func groups(_ facts: CaptureFacts = CaptureFacts()) -> [FindingGroup] {
        let (linked, rest, copies) = links.judged()
        var all = Groups(minimumCapacity: members.count + rest.count)
        for place in members.keys.indices { all[members.keys[place]] = members.values[place] }
        func insert(_ group: FindingGroup) {
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
        var attempts = attempts
        for candidate in rest {
            let pair = Pair(client: candidate.client, server: candidate.service.address)
            for example in candidate.examples {
                let key = FindingGroup.Key(example)
                if key.diagnosis.isAttempt {
                    attempts[pair, default: [:]][key, default: FindingGroup(key)].add(
                        example, limits, keep: exampleLimit)
                } else {
                    all[key, default: FindingGroup(key)].add(example, limits, keep: exampleLimit)
                }
            }
        }
        let sweeps = sweeps(attempts)
        for scan in sweeps.values {
            insert(scan)
            all[scan.key]?.measure = scan.measure
            all[scan.key]?.isHorizontal = true
        }
        for (pair, groups) in attempts {
            if let scan = scan(pair, groups) {
                insert(scan)
                all[scan.key]?.measure = scan.measure
            } else {
                for group in groups.values
                where group.settled > 0 && group.key.diagnosis != .portScan
                    && sweeps[Sweeper(pair.client, group.key)] == nil
                {
                    insert(group)
                }
            }
        }
        for visits in checks.values {
            if let pace = visits.pace(limits) {
                var group = visits.checks
                group.measure = pace.nanoseconds
                insert(group)
                all[group.key]?.measure = pace.nanoseconds
            } else {
                for group in visits.otherwise.values { insert(group) }
            }
        }
        for group in waits.values {
            for pile in pileup(group) {
                insert(pile)
                all[pile.key]?.measure = pile.measure
            }
        }
        for match in linked {
            let group = FindingGroup(match, limits)
            insert(group)
            let known = all[group.key]?.link
            all[group.key]?.link = known ?? group.link
        }
        for place in Array(all.indices) { all.values[place].sortExamples() }
        mergeAcceptQueueOverflow(&all, facts)
        mergeSYNFloods(&all, facts)
        mergeBlackholes(&all)
        mergeFilters(&all, facts.servers)
        applyDuplicateRule(&all)
        applyClockRule(&all)
        applyQueueDropRule(&all, facts)
        applyBlockedAnswerRule(&all)
        let hosts = timesToLiveByHost()
        applyRefusalRule(&all, hosts)
        applyDropRule(&all, copies)
        applyScannerRule(&all)
        applyPoolRule(&all)
        applyHalfCloseRule(&all)
        applyHungServiceRule(&all)
        applyBypassRule(&all)
        applyUnseenRule(&all)
        applyCaptureFilterRule(&all, facts)
        applyDisorderRule(&all, facts)
        applyRoutedCopyRule(&all, facts)
        for place in Array(all.indices) {
            rank(&all.values[place])
            weigh(&all.values[place], hosts, facts)
        }
        // Groups are large: their places are sorted, not they.
        let places = all.indices.map { (order: all.values[$0].order, place: $0) }
        return places.sorted { $0.order < $1.order }.map { all.values[$0.place] }
    }

    /// Weighs the rivals of a group, by the capture where its connections do not refute them.
    private func weigh(
        _ group: inout FindingGroup, _ hosts: [Address: UInt8], _ facts: CaptureFacts
    ) {
        let asks = group.key.diagnosis.entry.rivals.contains {
            $0.ofCapture != nil && group.fact(against: $0) == nil
        }
        guard asks else { return group.weigh(nil) }
        let evidence = Evidence(
            group: group, statistics: statistics(of: group.key.service),
            hostTimeToLive: group.key.service.flatMap { hosts[$0.address] }, facts: facts)
        group.weigh(evidence)
    }
}

extension FindingGroup {
    /// How it would be called if the server's accept queue were full; nil if that is no explanation.
    var formOfFullQueue: Finding.Form? {
        switch key.diagnosis {
        case .synFiltered: forms[.reported] == 0 ? .silence : nil
        case .retransmitUntilDeath: forms[.inHandshake] * 2 > count ? .unread : nil
        default: nil
        }
    }

    /// Its place in a report: by severity, then by number, then by age; the rest makes it unique.
    var order: (UInt8, UInt64, Int64, UInt32, Service) {
        let service =
            key.service
            ?? Service(address: Address(high: 0, low: 0), port: key.end == .client ? 0 : 1)
        return (severity.rawValue, UInt64.max - count, oldest.nanoseconds, key.kind, service)
    }
}

extension Service: Comparable {
    /// By address, then by port.
    public static func < (a: Service, b: Service) -> Bool {
        (a.address, a.port) < (b.address, b.port)
    }
}

extension CaptureFilter {
    /// Whether what it hides would look like a diagnosis.
    func hides(_ diagnosis: Diagnosis) -> Bool {
        switch self {
        case .synOnly:
            return [.synFiltered, .synFlood, .synReceivedStuck, .unfinished, .oneWay].contains(
                diagnosis)
        case .payloadOnly:
            return [
                .retransmitUntilDeath, .idleTimeoutBlackhole, .keepaliveFailed, .pathMTU,
                .requestUnanswered, .oneWay, .unfinished, .zeroWindowStall, .halfOpen,
            ].contains(diagnosis)
        case .flagsOnly:
            return [
                .retransmitUntilDeath, .idleTimeoutBlackhole, .requestUnanswered, .proxyHalfClose,
                .serviceDropsAll,
            ]
            .contains(diagnosis)
        }
    }
}

extension Diagnosis {
    /// Whether a flood or a full queue explains it.
    var isHandshake: Bool {
        self == .synFiltered || self == .synReceivedStuck || self == .unfinished
    }

    /// Whether a full queue may look like it.
    var mayHideFullQueue: Bool {
        self == .synFiltered || self == .retransmitUntilDeath
    }
}
