internal import TCPState
internal import Wire

// What the connections say together: each alone may look like something else.
extension FindingAggregator {
    private typealias Groups = [FindingGroup.Key: FindingGroup]

    /// The groups, the worst first: by severity, then by number, then by age.
    ///
    /// - Parameter facts: what is known of the capture as a whole.
    public func groups(_ facts: CaptureFacts = CaptureFacts()) -> [FindingGroup] {
        var all = members
        func file(_ group: FindingGroup) {
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
        let (linked, rest) = links.judged()
        var attempts = attempts
        for half in rest {
            let pair = Pair(client: half.client, server: half.service.address)
            for group in half.groups {
                if group.key.diagnosis.isAttempt {
                    attempts[pair, default: [:]][group.key, default: FindingGroup(group.key)].add(
                        group, keep: exampleLimit)
                } else {
                    file(group)
                }
            }
        }
        let sweeps = sweeps(attempts)
        for scan in sweeps.values {
            file(scan)
            all[scan.key]?.measure = scan.measure
            all[scan.key]?.isHorizontal = true
        }
        for (pair, groups) in attempts {
            if let scan = scan(pair, groups) {
                file(scan)
                all[scan.key]?.measure = scan.measure
            } else {
                for group in groups.values
                where group.settled > 0 && group.key.diagnosis != .portScan
                    && sweeps[Sweeper(pair.client, group)] == nil
                {
                    file(group)
                }
            }
        }
        for visits in checks.values {
            if let pace = visits.pace(limits) {
                var group = visits.checks
                group.measure = pace.nanoseconds
                file(group)
                all[group.key]?.measure = pace.nanoseconds
            } else {
                for group in visits.otherwise.values { file(group) }
            }
        }
        for group in waits.values where Int64(group.count) >= limits[.timeWait] { file(group) }
        for group in linked {
            file(group)
            let known = all[group.key]?.link
            all[group.key]?.link = known ?? group.link
        }
        for key in all.keys { all[key]?.sortExamples() }
        mergeAcceptQueueOverflow(&all, facts)
        mergeSYNFloods(&all, facts)
        mergeBlackholes(&all)
        mergeFilters(&all, facts.servers)
        judgeRefusals(&all)
        judgeUnseen(&all)
        judgeCaptureFilter(&all, facts)
        let groups = all.values.map(ranked)
        let orders = groups.map(\.order)
        return orders.indices.sorted { orders[$0] < orders[$1] }.map { groups[$0] }
    }

    /// Who tries which port of many hosts.
    private struct Sweeper: Hashable {
        let client: Address
        let port: UInt16

        init(_ client: Address, _ group: FindingGroup) {
            self.client = client
            port = group.key.service?.port ?? 0
        }
    }

    /// PORT SCAN over hosts: one address tries the same port of many.
    private func sweeps(_ attempts: [Pair: Groups]) -> [Sweeper: FindingGroup] {
        var hosts: [Sweeper: Set<Address>] = [:]
        for (pair, groups) in attempts {
            for group in groups.values {
                hosts[Sweeper(pair.client, group), default: []].insert(pair.server)
            }
        }
        hosts = hosts.filter { Int64($0.value.count) >= limits[.scanPorts] }
        guard !hosts.isEmpty else { return [:] }
        var sweeps: [Sweeper: FindingGroup] = [:]
        let pairs = attempts.sorted {
            ($0.key.client, $0.key.server) < ($1.key.client, $1.key.server)
        }
        for (pair, groups) in pairs {
            for group in groups.sorted(by: { $0.value.order < $1.value.order }).map(\.value) {
                let sweeper = Sweeper(pair.client, group)
                guard let targets = hosts[sweeper], let first = targets.min() else { continue }
                let service = Service(address: first, port: sweeper.port)
                var sweep =
                    sweeps[sweeper]
                    ?? FindingGroup(
                        FindingGroup.Key(
                            diagnosis: .portScan, service: service, end: .client, fault: .client))
                sweep.add(group, keep: exampleLimit)
                sweep.worst = .warning
                sweep.grade = .proved
                sweep.measure = Int64(targets.count)
                sweeps[sweeper] = sweep
            }
        }
        return sweeps
    }

    /// REFUSED, judged by the service's other connections: a RST that does not come from where its SYN,ACKs
    /// come from is a device's; if none but SYNs with ECN are refused it does not like those; if others
    /// are served at the same time one of several backends refuses.
    private func judgeRefusals(_ all: inout Groups) {
        for key in all.keys where key.diagnosis == .refused {
            guard var group = all[key], group.forms[.inVain] == 0,
                let tally = tally(of: key.service)
            else { continue }
            group.usualTimeToLive = tally.usualTimeToLive
            group.measure = Int64(tally.completed)
            let others = tally.usualTimeToLive.map { usual in
                group.examples.contains { $0.reset.map { $0.timeToLive != usual } ?? false }
            }
            let isByOption =
                group.forms[.byOption] == group.count && tally.completed > 0
                && tally.completedWithECN == 0
            let isForeign = others ?? false
            guard
                isByOption || isForeign
                    || tally.hasCompleted(about: group.oldest)
                        && tally.hasCompleted(about: group.newest)
            else {
                group.forms = SmallCounter(.usual, group.count)
                all[key] = group
                continue
            }
            all[key] = nil
            group.forms = SmallCounter(
                isByOption ? .byOption : isForeign ? .device : .some, group.count)
            if isByOption || isForeign { group.key.fault = .middlebox }
            group.grade = isForeign ? group.grade : .inferred
            let measure = group.measure
            let usual = group.usualTimeToLive
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
            all[group.key]?.measure = measure
            all[group.key]?.usualTimeToLive = usual
        }
    }

    /// Where the capture shows that it misses a direction of a service, nothing can be said of ends that it
    /// does not show at all.
    private func judgeUnseen(_ all: inout Groups) {
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
    private func judgeCaptureFilter(_ all: inout Groups, _ facts: CaptureFacts) {
        guard let filter = facts.filter else { return }
        for key in all.keys where filter.hides(key.diagnosis) { all[key] = nil }
    }

    /// PORT SCAN: one address tries many ports of one host, which are closed or say nothing.
    private func scan(_ pair: Pair, _ groups: Groups) -> FindingGroup? {
        let ports = Set(groups.keys.compactMap { $0.service?.port })
        guard Int64(ports.count) >= limits[.scanPorts] else { return nil }
        let service = Service(address: pair.server, port: 0)
        var scan = FindingGroup(
            FindingGroup.Key(
                diagnosis: .portScan, service: service, end: .client, fault: .client))
        for group in groups.sorted(by: { $0.value.order < $1.value.order }).map(\.value) {
            scan.add(group, keep: exampleLimit)
        }
        scan.worst = .warning
        scan.isHorizontal = false
        scan.grade = .proved
        scan.measure = Int64(ports.count)
        return scan
    }

    /// ACCEPT QUEUE FULL takes several handshakes of one service that were ignored at about the same
    /// time, one of them with data at least: TCP_DEFER_ACCEPT waits for data, a lost ACK is followed by
    /// it. SYNs that were not answered meanwhile belong to it.
    ///
    /// A full queue drops new SYNs as well, and what comes after a SYN cookie: repeated SYNs of several
    /// connections, or first data that is never acknowledged, while the service completes others, are
    /// the same thing.
    private func mergeAcceptQueueOverflow(_ all: inout Groups, _ facts: CaptureFacts) {
        for key in all.keys.filter(\.diagnosis.mayHideFullQueue) {
            guard var group = all[key], let form = group.formOfFullQueue,
                Int64(group.settled) >= limits[.queueCount],
                let tally = tally(of: key.service),
                tally.hasCompleted(about: group.oldest),
                form != .silence || tally.lastCompleted < group.oldest
                    || all.keys.contains(where: { $0.isQueue(of: key.service) })
            else { continue }
            all[key] = nil
            group.key = FindingGroup.Key(
                diagnosis: .acceptQueueFull, service: key.service, end: .server, fault: .server)
            group.forms = SmallCounter(form, group.count)
            group.worst = .warning
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
        let handshakes = handshakes(all)
        for key in all.keys.filter({ $0.diagnosis == .acceptQueueFull }) {
            guard var group = all[key] else { continue }
            let forms: [Finding.Form] = [.unread, .reset, .silence]
            let withData = forms.reduce(0) { $0 + group.forms[$1] }
            let isDense =
                group.newest - group.oldest
                <= TimeSpan(nanoseconds: ServiceStatistics.windowLength)
                * group.count / max(1, limits[.queueCount] as Int64)
            all[key] = nil
            let isServed = (tally(of: key.service)?.served ?? 0) > 0
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
                group.worst = .warning
                group.grade = .inferred
            }
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }

    /// What may be the matter with handshakes, by service.
    private func handshakes(_ all: Groups) -> [Service?: [FindingGroup.Key]] {
        Dictionary(grouping: all.keys.filter(\.diagnosis.isHandshake), by: \.service)
    }

    private func mergeSYNFloods(_ all: inout Groups, _ facts: CaptureFacts) {
        if let flood = lone.flood(limits) {
            all[flood.key] = flood
            let targets = all.keys.filter {
                $0.diagnosis == .unfinished || $0.diagnosis == .synFiltered
            }
            for key in targets where all[key]?.count == 1 { all[key] = nil }
        }
        let handshakes = handshakes(all)
        for (service, tally) in zip(tallies.keys, tallies.values) {
            guard let count = tally.flood(limits, facts) else { continue }
            var flood = tally.incomplete
            flood.count = count
            flood.settled = count
            flood.measure = Int64(tally.completed)
            for key in handshakes[service, default: []] { all[key] = nil }
            all[flood.key] = flood
        }
    }

    /// IDLE-TIMEOUT BLACKHOLE takes a peer that is alive: it sent something on another connection after
    /// this one was left without an answer. Otherwise the peer is gone: RETRANSMIT UNTIL DEATH.
    private func mergeBlackholes(_ all: inout Groups) {
        for key in all.keys.filter({ $0.diagnosis == .idleTimeoutBlackhole }) {
            guard var group = all[key], let service = key.service,
                let example = group.examples.first
            else { continue }
            let tally = tally(of: service)
            let host = example.address(key.end.peer)
            var last = heard[host] ?? .distantPast
            if key.end == .client { last = max(last, tally?.heard ?? .distantPast) }
            if last > group.newest {
                group.measure = tally?.survivedGap.nanoseconds ?? 0
                all[key] = group
                continue
            }
            all[key] = nil
            group.key.diagnosis = .retransmitUntilDeath
            group.key.fault = .path
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }

    /// SYN FILTERED where the capture was taken on the server: its own host drops them.
    private func mergeFilters(
        _ all: inout Groups, _ servers: Set<Address>
    ) {
        for key in all.keys.filter({ $0.diagnosis == .synFiltered }) {
            guard let service = key.service, servers.contains(service.address),
                var group = all[key]
            else { continue }
            all[key] = nil
            group.key.fault = .server
            all[group.key] = group
        }
    }

    /// The same with its severity, which may follow from the number.
    private func ranked(_ group: FindingGroup) -> FindingGroup {
        var group = group
        group.sortExamples()
        group.severity = group.worst
        func many(_ name: Thresholds.Name) -> Bool { Int64(group.count) >= limits[name] }
        switch group.key.diagnosis {
        case .closeWaitLeak where Int64(group.lasting) >= limits[.closeWaitCount]:
            group.severity = .critical
            group.settled = max(group.settled, group.lasting)
        case .refused where many(.refusedCount), .requestUnanswered where many(.queueCount):
            group.severity = min(group.severity, .warning)
        case .slowHandshake
        where many(.queueCount)
            && (group.lengths.upperBound >= 3_000_000_000
                || group.count * 2 > tally(of: group.key.service)?.completed ?? 0):
            group.severity = min(group.severity, .warning)
        case .abortiveClose
        where group.forms[.farewell] == group.count || group.forms[.inHandshake] == group.count:
            break
        case .abortiveClose where many(.abortCount): group.severity = .warning
        default: break
        }
        if let tally = tally(of: group.key.service) {
            group.isOfAll = group.count == tally.answered
            if group.key.diagnosis == .slowHandshake { group.measure = Int64(tally.completed) }
            if group.key.diagnosis == .synFiltered, group.form == .usual,
                tally.hasCompleted(about: group.oldest), tally.served > 0
            {
                group.forms = SmallCounter(.some, group.count)
                group.measure = Int64(tally.served)
            }
        }
        if group.forms[.atOnce] > 0, group.isOfAll, many(.queueCount) {
            group.severity = min(group.severity, .warning)
        }
        if group.key.diagnosis == .abortiveClose, group.form == .farewell {
            group.measure = group.lengths.upperBound.nanoseconds
        }
        if group.key.diagnosis == .idleTimeoutReset, let tally = tally(of: group.key.service) {
            group.measure = tally.survivedGap.nanoseconds
        }
        return group
    }
}

extension FindingGroup {
    /// How it would be called if the server's accept queue were full; nil if that is no explanation.
    fileprivate var formOfFullQueue: Finding.Form? {
        switch key.diagnosis {
        case .synFiltered: forms[.reported] == 0 ? .silence : nil
        case .retransmitUntilDeath: forms[.inHandshake] * 2 > count ? .unread : nil
        default: nil
        }
    }

    /// Its place in a report: by severity, then by number, then by age; the rest makes it unique.
    fileprivate var order: (UInt8, UInt64, Int64, UInt32, Service) {
        let fault = Fault.allCases.firstIndex(of: key.fault) ?? 0
        let kind =
            UInt32(key.diagnosis.rawValue) << 16 | UInt32(key.end.rawValue) << 8 | UInt32(fault)
        let service =
            key.service
            ?? Service(address: Address(high: 0, low: 0), port: key.end == .client ? 0 : 1)
        return (severity.rawValue, UInt64.max - count, oldest.nanoseconds, kind, service)
    }
}

extension Service: Comparable {
    /// By address, then by port.
    public static func < (a: Service, b: Service) -> Bool {
        (a.address, a.port) < (b.address, b.port)
    }
}

extension FindingGroup.Key {
    /// Whether it is a full queue of a service, or looks like one.
    fileprivate func isQueue(of service: Service?) -> Bool {
        self.service == service && diagnosis == .acceptQueueFull
    }
}

extension CaptureFilter {
    /// Whether what it hides would look like a diagnosis.
    fileprivate func hides(_ diagnosis: Diagnosis) -> Bool {
        switch self {
        case .synOnly:
            return [.synFiltered, .synFlood, .synReceivedStuck, .unfinished, .oneWay].contains(
                diagnosis)
        case .payloadOnly:
            return [
                .retransmitUntilDeath, .idleTimeoutBlackhole, .keepaliveFailed, .pathMTU,
                .requestUnanswered, .oneWay, .unfinished, .zeroWindowStall,
            ].contains(diagnosis)
        case .flagsOnly:
            return [
                .retransmitUntilDeath, .idleTimeoutBlackhole, .requestUnanswered, .proxyHalfClose,
            ]
            .contains(diagnosis)
        }
    }
}

extension Diagnosis {
    /// Whether a flood or a full queue explains it.
    fileprivate var isHandshake: Bool {
        self == .synFiltered || self == .synReceivedStuck || self == .unfinished
    }

    /// Whether a full queue may look like it.
    fileprivate var mayHideFullQueue: Bool {
        self == .synFiltered || self == .retransmitUntilDeath
    }
}
