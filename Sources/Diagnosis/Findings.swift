public import TCPState
public import Wire

/// Collects the findings of many connections: a group for each diagnosis of a service, with counts and
/// a few examples, so that millions of stuck connections take no more room than ten.
///
/// Give it each connection once: when it departs, or all of them at some moment.
public struct Findings: Sendable {
    /// From when on something counts.
    public let limits: Thresholds
    /// How many examples a group keeps; nil for all.
    public let exampleLimit: Int?

    private var members: [FindingGroup.Key: FindingGroup] = [:]
    private var tallies: [Service: ServiceTally] = [:]
    private var attempts: [Pair: [FindingGroup.Key: FindingGroup]] = [:]
    private var checks: [Checked: Checks] = [:]
    private var waits: [Waiting: FindingGroup] = [:]
    private var heard: [Address: Timestamp] = [:]

    /// Keys of each kind that are kept apart; what comes beyond is counted with its service only.
    private static let keyLimit = 1 << 16
    /// Pairs of hosts are looked at for scans in no larger number: each takes a kilobyte or two.
    private static let pairLimit = 1 << 12

    /// A client's host and a server's.
    private struct Pair: Hashable {
        let client: Address
        let server: Address
    }

    private struct Checked: Hashable {
        let client: Address
        let service: Service
    }

    private struct Waiting: Hashable {
        let host: Address
        let role: Role
        let service: Service
    }

    /// Begins with nothing.
    public init(_ limits: Thresholds = .standard, exampleLimit: Int? = 3) {
        self.limits = limits
        self.exampleLimit = exampleLimit
    }

    /// Whether there were more keys of a kind than are kept apart: from then on it matters in which
    /// order connections come.
    public var isFull: Bool {
        attempts.count >= Findings.pairLimit
            || max(tallies.count, checks.count, waits.count, heard.count) >= Findings.keyLimit
    }

    /// Examines a connection as it stands at a moment.
    public mutating func take(_ record: ConnectionRecord, at now: Timestamp) {
        let connection = record.connection
        let opener = connection.opener
        let client = record.address(opener)
        let service = Service(
            address: record.address(opener.peer), port: record.port(opener.peer))
        let examination = Examination(record, at: now, limits)
        tally(examination, service)
        noteWait(examination, client, service)
        let found = examination.findings
        if connection.isEmptyVisit {
            let checked = Checked(client: client, service: service)
            if checks[checked] != nil || checks.count < Findings.keyLimit {
                noteCheck(examination, checked, found)
                return
            }
        }
        for finding in found { file(examination, finding, client, service) }
    }

    private mutating func file(
        _ examination: Examination, _ finding: Finding, _ client: Address, _ service: Service
    ) {
        let key = FindingGroup.Key(
            diagnosis: finding.diagnosis, service: finding.fault == .capture ? nil : service,
            end: finding.end, fault: finding.fault)
        if finding.diagnosis.isAttempt {
            let pair = Pair(client: client, server: service.address)
            if attempts[pair] != nil || attempts.count < Findings.pairLimit {
                attempts[pair, default: [:]][key, default: FindingGroup(key)].add(
                    examination, finding, keep: exampleLimit)
                return
            }
            guard finding.isSettled else { return }
        }
        members[key, default: FindingGroup(key)].add(
            examination, finding, keep: exampleLimit)
    }

    private mutating func tally(_ examination: Examination, _ service: Service) {
        let record = examination.record
        let connection = record.connection
        if tallies[service]?.take(examination, keep: exampleLimit) == nil,
            tallies.count < Findings.keyLimit
        {
            let key = FindingGroup.Key(
                diagnosis: .synFlood, service: service, end: .client, fault: .client)
            var tally = ServiceTally(incomplete: FindingGroup(key))
            tally.take(examination, keep: exampleLimit)
            tallies[service] = tally
        }
        guard connection.lastSeen - connection.firstSeen >= limits[.idle] else { return }
        for side in Side.allCases where connection[side].hasSent {
            let address = record.address(side)
            guard
                let last = heard[address] ?? (heard.count < Findings.keyLimit ? .distantPast : nil)
            else { continue }
            heard[address] = max(last, connection[side].lastSent)
        }
    }

    private mutating func noteWait(
        _ examination: Examination, _ client: Address, _ service: Service
    ) {
        for role in Role.allCases {
            let end = examination[role]
            guard end.state == .timeWait else { continue }
            let host = role == .client ? client : service.address
            let waiting = Waiting(host: host, role: role, service: service)
            guard waits[waiting] != nil || waits.count < Findings.keyLimit else { continue }
            let finding = Finding(
                .timeWaitPileup, end: role, fault: Fault(role), .notice, end.grade,
                since: end.since, frame: end.sinceFrame)
            let key = FindingGroup.Key(
                diagnosis: .timeWaitPileup, service: service, end: role, fault: Fault(role))
            waits[waiting, default: FindingGroup(key)].add(
                examination, finding, keep: exampleLimit)
        }
    }

    private mutating func noteCheck(
        _ examination: Examination, _ checked: Checked, _ found: [Finding]
    ) {
        let connection = examination.connection
        let key = FindingGroup.Key(
            diagnosis: .healthCheck, service: checked.service, end: .client, fault: .nobody)
        var visits = checks[checked] ?? Checks(checks: FindingGroup(key))
        visits.note(connection.firstSeen)
        let finding = Finding(
            .healthCheck, end: .client, fault: .nobody, .benign, .proved,
            since: connection.firstSeen, frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
        visits.checks.add(examination, finding, keep: exampleLimit)
        for finding in found {
            let key = FindingGroup.Key(
                diagnosis: finding.diagnosis, service: checked.service, end: finding.end,
                fault: finding.fault)
            visits.otherwise[key, default: FindingGroup(key)].add(
                examination, finding, keep: exampleLimit)
        }
        checks[checked] = visits
    }

    /// Adds what was collected elsewhere, whose streams have other numbers in this run.
    public mutating func add(_ other: Findings, stream: (UInt32) -> UInt32 = { $0 }) {
        func renumbered(_ group: FindingGroup) -> FindingGroup {
            var group = group
            for index in group.examples.indices {
                group.examples[index].stream = stream(group.examples[index].stream)
            }
            return group
        }
        func merge(
            _ groups: [FindingGroup.Key: FindingGroup],
            into all: inout [FindingGroup.Key: FindingGroup]
        ) {
            for (key, group) in groups {
                all[key, default: FindingGroup(key)].add(renumbered(group), keep: exampleLimit)
            }
        }
        merge(other.members, into: &members)
        for (pair, groups) in other.attempts { merge(groups, into: &attempts[pair, default: [:]]) }
        for (service, tally) in other.tallies {
            var tally = tally
            tally.incomplete = renumbered(tally.incomplete)
            if tallies[service]?.add(tally, keep: exampleLimit) == nil { tallies[service] = tally }
        }
        for (checked, visits) in other.checks {
            var sum = checks[checked] ?? Checks(checks: FindingGroup(visits.checks.key))
            for time in visits.times { sum.note(time) }
            sum.checks.add(renumbered(visits.checks), keep: exampleLimit)
            merge(visits.otherwise, into: &sum.otherwise)
            checks[checked] = sum
        }
        for (waiting, group) in other.waits {
            waits[waiting, default: FindingGroup(group.key)].add(
                renumbered(group), keep: exampleLimit)
        }
        heard.merge(other.heard, uniquingKeysWith: max)
    }

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
        judgeQueues(&all)
        judgeFloods(&all)
        judgeBlackholes(&all)
        judgeFilters(&all, servers)
        return all.values.map(ranked).sorted { $0.order < $1.order }
    }

    /// PORT SCAN: one address tries many ports of one host, which are closed or say nothing.
    private func scan(_ pair: Pair, _ groups: [FindingGroup.Key: FindingGroup]) -> FindingGroup? {
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
    private func judgeQueues(_ all: inout [FindingGroup.Key: FindingGroup]) {
        for (key, var group) in all {
            guard let form = group.formOfFullQueue, Int64(group.settled) >= limits[.queueCount],
                let tally = key.service.flatMap({ tallies[$0] }),
                tally.hasCompleted(about: group.oldest)
            else { continue }
            all[key] = nil
            group.key = FindingGroup.Key(
                diagnosis: .acceptQueueFull, service: key.service, end: .server, fault: .server)
            group.forms = [form: group.count]
            group.worst = .warning
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
        for (key, var group) in all where key.diagnosis == .acceptQueueFull {
            let forms: [Finding.Form] = [.unread, .reset, .silence]
            let withData = forms.reduce(0) { $0 + (group.forms[$1] ?? 0) }
            let isDense =
                group.newest - group.oldest
                <= ServiceTally.windowLength * Int64(group.count) / max(1, limits[.queueCount])
            all[key] = nil
            if Int64(group.count) >= limits[.queueCount], withData > 0, isDense {
                for (other, rest) in all
                where other.service == key.service && other.diagnosis.isHandshake {
                    group.related += rest.count
                    all[other] = nil
                }
                all[key] = group
                continue
            }
            group.key.diagnosis = group.forms[.reset] == nil ? .synReceivedStuck : .abortiveClose
            group.worst = .notice
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }

    private func judgeFloods(_ all: inout [FindingGroup.Key: FindingGroup]) {
        for (service, tally) in tallies {
            guard let count = tally.flood(limits) else { continue }
            var flood = tally.incomplete
            flood.count = count
            flood.settled = count
            flood.measure = Int64(tally.completed)
            for key in all.keys where key.service == service && key.diagnosis.isHandshake {
                all[key] = nil
            }
            all[flood.key] = flood
        }
    }

    /// IDLE-TIMEOUT BLACKHOLE takes a peer that is alive: it sent something on another connection after
    /// this one was left without an answer. Otherwise the peer is gone: RETRANSMIT UNTIL DEATH.
    private func judgeBlackholes(_ all: inout [FindingGroup.Key: FindingGroup]) {
        for (key, var group) in all where key.diagnosis == .idleTimeoutBlackhole {
            guard let service = key.service, let example = group.examples.first else { continue }
            let tally = tallies[service]
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
    private func judgeFilters(
        _ all: inout [FindingGroup.Key: FindingGroup], _ servers: Set<Address>
    ) {
        for (key, var group) in all where key.diagnosis == .synFiltered {
            guard let service = key.service, servers.contains(service.address) else { continue }
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
        if let tally = group.key.service.flatMap({ tallies[$0] }),
            group.key.diagnosis == .idleTimeoutReset
        {
            group.measure = tally.survivedGap
        }
        return group
    }
}

extension FindingGroup {
    /// How it would be called if the server's accept queue were full; nil if that is no explanation.
    fileprivate var formOfFullQueue: Finding.Form? {
        switch key.diagnosis {
        case .synFiltered: forms[.reported] == nil ? .silence : nil
        case .retransmitUntilDeath: (forms[.inHandshake] ?? 0) * 2 > count ? .unread : nil
        default: nil
        }
    }

    /// Its place in a report: by severity, then by number, then by age; the rest makes it unique.
    var order: (UInt8, UInt64, Int64, UInt8, Service) {
        (
            severity.rawValue, UInt64.max - count, oldest.nanoseconds, key.diagnosis.rawValue,
            key.service
                ?? Service(address: Address(high: 0, low: 0), port: key.end == .client ? 0 : 1)
        )
    }
}

extension Service: Comparable {
    /// By address, then by port.
    public static func < (a: Service, b: Service) -> Bool {
        (a.address, a.port) < (b.address, b.port)
    }
}

extension Diagnosis {
    /// Whether it may be one try of a scan.
    fileprivate var isAttempt: Bool { self == .refused || self == .synFiltered }

    /// Whether a flood or a full queue explains it.
    fileprivate var isHandshake: Bool {
        self == .synFiltered || self == .synReceivedStuck || self == .unfinished
    }
}

extension Connection {
    /// Opened, and over at once without a byte: what a health check does.
    fileprivate var isEmptyVisit: Bool {
        client.payload == 0 && server.payload == 0 && client.hasSentSYN && server.hasSentSYN
            && server.sendUnacknowledged > server.initialSendSequence
            && (resetBy != nil || (client.hasSentFIN && server.hasSentFIN))
            && lastSeen - firstSeen < 1_000_000_000
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(nanoseconds: .min)
}
