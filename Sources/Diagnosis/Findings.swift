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
    private var tallies: [ServiceTally] = []
    /// Where a service's tally is.
    private var services: [Service: Int] = [:]
    private var attempts: [Pair: [FindingGroup.Key: FindingGroup]] = [:]
    private var checks: [Checked: Checks] = [:]
    private var waits: [Waiting: FindingGroup] = [:]
    /// How many waits there will be, at most.
    private var forecast = Forecast()
    private var isForeseen = false
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

        /// For the forecast: who makes others share its counter gains nothing.
        var mixed: UInt64 {
            let address = host.low ^ service.address.low &* 0x9e37_79b9_7f4a_7c15
            let network = host.high ^ service.address.high &* 0x8ebc_6af0_9c88_c6e3
            let rest = UInt64(service.port) << 8 | UInt64(role.rawValue)
            let product = (address ^ network).multipliedFullWidth(
                by: rest &* 0xd6e8_feb8_6659_fd93 ^ 0x1d8e_4e27_c47d_124f)
            return product.high ^ product.low
        }
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
            || max(services.count, checks.count, waits.count, heard.count) >= Findings.keyLimit
    }

    /// One for some of the connections, with nothing collected yet but what is foreseen of all.
    func part() -> Findings {
        var part = Findings(limits, exampleLimit: exampleLimit)
        part.forecast = forecast
        part.isForeseen = isForeseen
        return part
    }

    /// Learns of a connection that is examined later: of all that are, or of none of them. Then those are
    /// not kept that are too few of their kind anyhow.
    mutating func foresee(_ key: FlowKey, _ connection: borrowing @_addressable Connection) {
        isForeseen = true
        let opener = connection.opener
        // Both ends of a connection to itself are one.
        let isOneSocket = connection.anomalies.contains(.selfConnect)
        let high = isOneSocket ? connection[.low].state : connection[.high].state
        if connection[.low].state == .timeWait {
            forecast.add(waiting(.low, key, opener: opener).mixed)
        }
        if high == .timeWait { forecast.add(waiting(.high, key, opener: opener).mixed) }
    }

    private func waiting(_ side: Side, _ key: FlowKey, opener: Side) -> Waiting {
        let server = opener.peer
        return Waiting(
            host: key.address(side), role: side == opener ? .client : .server,
            service: Service(address: key.address(server), port: key.port(server)))
    }

    /// Examines a connection as it stands at a moment.
    public mutating func take(
        _ record: borrowing @_addressable ConnectionRecord, at now: Timestamp
    ) {
        let opener = record.connection.opener
        let service = Service(
            address: record.address(opener.peer), port: record.port(opener.peer))
        tally(record, service, at: now)
        if record.connection[.low].state == .timeWait {
            noteWait(record, waiting(.low, record.key, opener: opener), at: now)
        }
        if record.connection[.high].state == .timeWait {
            noteWait(record, waiting(.high, record.key, opener: opener), at: now)
        }
        let isEmptyVisit = record.connection.isEmptyVisit
        if !isEmptyVisit, Examination.isUneventful(record) { return }
        let client = record.address(opener)
        let examination = Examination(copy record, at: now, limits)
        let found = examination.findings
        if isEmptyVisit {
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

    private mutating func tally(
        _ record: borrowing @_addressable ConnectionRecord, _ service: Service, at now: Timestamp
    ) {
        if let place = place(of: service) {
            tallies[place].take(record, at: now, limits, keep: exampleLimit)
        }
        guard record.connection.lastSeen - record.connection.firstSeen >= limits[.idle] else {
            return
        }
        for side in Side.allCases where record.connection[side].hasSent {
            let address = record.address(side)
            guard
                let last = heard[address] ?? (heard.count < Findings.keyLimit ? .distantPast : nil)
            else { continue }
            heard[address] = max(last, record.connection[side].lastSent)
        }
    }

    /// Where a service's tally is, which begins if it is new; nil if there are too many.
    private mutating func place(of service: Service) -> Int? {
        if let place = services[service] { return place }
        guard tallies.count < Findings.keyLimit else { return nil }
        services[service] = tallies.count
        tallies.append(ServiceTally(service))
        return tallies.count - 1
    }

    private func tally(of service: Service?) -> ServiceTally? {
        service.flatMap { services[$0] }.map { tallies[$0] }
    }

    private mutating func noteWait(
        _ record: borrowing @_addressable ConnectionRecord, _ waiting: Waiting, at now: Timestamp
    ) {
        if isForeseen {
            guard Int64(forecast[waiting.mixed]) >= limits[.timeWait] else { return }
        } else {
            forecast.add(waiting.mixed)
        }
        guard waits[waiting] != nil || waits.count < Findings.keyLimit else { return }
        let role = waiting.role
        let fault = Fault(role)
        let finding = Finding(
            .timeWaitPileup, end: role, fault: fault, .notice, record.connection[role].grade,
            since: record.connection[role].since, frame: record.connection[role].sinceFrame)
        let key = FindingGroup.Key(
            diagnosis: .timeWaitPileup, service: waiting.service, end: role, fault: fault)
        waits[waiting, default: FindingGroup(key)].add(
            Examination(copy record, at: now, limits), finding, keep: exampleLimit)
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
        for (service, index) in other.services {
            guard let place = place(of: service) else { continue }
            var tally = other.tallies[index]
            tally.incomplete = renumbered(tally.incomplete)
            tallies[place].add(tally, keep: exampleLimit)
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
        forecast.add(other.forecast)
        isForeseen = isForeseen || other.isForeseen
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
                let tally = tally(of: key.service),
                tally.hasCompleted(about: group.oldest)
            else { continue }
            all[key] = nil
            group.key = FindingGroup.Key(
                diagnosis: .acceptQueueFull, service: key.service, end: .server, fault: .server)
            group.forms = Tally(form, group.count)
            group.worst = .warning
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
        for (key, var group) in all where key.diagnosis == .acceptQueueFull {
            let forms: [Finding.Form] = [.unread, .reset, .silence]
            let withData = forms.reduce(0) { $0 + group.forms[$1] }
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
            group.key.diagnosis = group.forms[.reset] == 0 ? .synReceivedStuck : .abortiveClose
            group.worst = .notice
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }

    private func judgeFloods(_ all: inout [FindingGroup.Key: FindingGroup]) {
        for (service, place) in services {
            let tally = tallies[place]
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
        if let tally = tally(of: group.key.service),
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
        case .synFiltered: forms[.reported] == 0 ? .silence : nil
        case .retransmitUntilDeath: forms[.inHandshake] * 2 > count ? .unread : nil
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
        @_addressableSelf get {
            client.payload == 0 && server.payload == 0 && client.hasSentSYN && server.hasSentSYN
                && server.sendUnacknowledged > server.initialSendSequence
                && (resetBy != nil || (client.hasSentFIN && server.hasSentFIN))
                && lastSeen - firstSeen < 1_000_000_000
        }
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(nanoseconds: .min)
}
