internal import TCPState
public import Wire

// What the connections say together: each alone may look like something else.
extension FindingAggregator {
    private typealias Groups = [FindingGroup.Key: FindingGroup]

    /// The groups, the worst first: by severity, then by number, then by age.
    ///
    /// - Parameter servers: the servers that the capture was taken on, as far as known.
    public func groups(onServers servers: Set<Address> = []) -> [FindingGroup] {
        var all = members
        func file(_ group: FindingGroup) {
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
        for (pair, groups) in attempts {
            if let scan = scan(pair, groups) {
                file(scan)
            } else {
                for group in groups.values where group.settled > 0 { file(group) }
            }
        }
        for visits in checks.values {
            if let pace = visits.pace(limits) {
                var group = visits.checks
                group.measure = pace
                file(group)
                all[group.key]?.measure = pace
            } else {
                for group in visits.otherwise.values { file(group) }
            }
        }
        for group in waits.values where Int64(group.count) >= limits[.timeWait] { file(group) }
        mergeAcceptQueueOverflow(&all)
        mergeSYNFloods(&all)
        mergeBlackholes(&all)
        mergeFilters(&all, servers)
        let groups = all.values.map(ranked)
        let orders = groups.map(\.order)
        return orders.indices.sorted { orders[$0] < orders[$1] }.map { groups[$0] }
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
    private func mergeAcceptQueueOverflow(_ all: inout Groups) {
        for key in all.keys.filter(\.diagnosis.mayHideFullQueue) {
            guard var group = all[key], let form = group.formOfFullQueue,
                Int64(group.settled) >= limits[.queueCount],
                let tally = tally(of: key.service),
                tally.hasCompleted(about: group.oldest)
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
                <= ServiceStatistics.windowLength * Int64(group.count) / max(1, limits[.queueCount])
            all[key] = nil
            if Int64(group.count) >= limits[.queueCount], withData > 0, isDense {
                for other in handshakes[key.service, default: []] {
                    group.related += all.removeValue(forKey: other)?.count ?? 0
                }
                all[key] = group
                continue
            }
            group.key.diagnosis = group.forms[.reset] == 0 ? .synReceivedStuck : .abortiveClose
            group.worst = .notice
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }

    /// What may be the matter with handshakes, by service.
    private func handshakes(_ all: Groups) -> [Service?: [FindingGroup.Key]] {
        Dictionary(grouping: all.keys.filter(\.diagnosis.isHandshake), by: \.service)
    }

    private func mergeSYNFloods(_ all: inout Groups) {
        let handshakes = handshakes(all)
        for (service, tally) in zip(tallies.keys, tallies.values) {
            guard let count = tally.flood(limits) else { continue }
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
                group.measure = tally?.survivedGap ?? 0
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
        group.severity = group.worst
        func many(_ name: Thresholds.Name) -> Bool { Int64(group.count) >= limits[name] }
        switch group.key.diagnosis {
        case .closeWaitLeak where Int64(group.lasting) >= limits[.closeWaitCount]:
            group.severity = .critical
            group.settled = max(group.settled, group.lasting)
        case .refused where many(.refusedCount): group.severity = .warning
        case .abortiveClose where many(.abortCount): group.severity = .warning
        default: break
        }
        if group.key.diagnosis == .idleTimeoutReset, let tally = tally(of: group.key.service) {
            group.measure = tally.survivedGap
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
