public import TCPState
public import Wire

/// Collects the findings of many connections: a group for each diagnosis of a service, with counts and
/// a few examples, so that millions of stuck connections take no more room than ten.
///
/// Give it each connection once: when it departs, or all of them at some moment.
public struct FindingAggregator: Sendable {
    /// From when on something counts.
    public let limits: Thresholds
    /// How many examples a group keeps; nil for all.
    public let exampleLimit: Int?

    var members = IndexedTable<FindingGroup.Key, FindingGroup>()
    var services = IndexedTable<Service, ServiceStatistics>()
    var attempts: [Pair: [FindingGroup.Key: FindingGroup]] = [:]
    var checks: [Checked: Checks] = [:]
    var waits = IndexedTable<WaitKey, FindingGroup>()
    var heard = IndexedTable<Address, Timestamp>()
    var lone = LoneSYNs()
    var links = Links()
    /// The hosts that have completed a handshake as clients.
    var completers = AddressFilter()
    /// How many attempts of a pair there will be, at most, those among them that are settled, and how
    /// many ends that wait.
    var sketches = (
        attempts: CountingSketch(), settled: CountingSketch(), waits: CountingSketch(),
        sources: CountingSketch()
    )
    /// The findings of the connection that is added: in memory that each uses again.
    private var found: [Finding] = []
    var isPreviewed = false
    /// Whether what it foresees is of the whole run already, not of what it collects.
    var previewsAll = false

    /// Keys of each kind that are kept apart; what comes beyond is counted with its service only.
    private static let keyLimit = 1 << 16
    /// Pairs of hosts are looked at for scans in no larger number: each takes a kilobyte or two.
    private static let pairLimit = 1 << 12
    /// So many connections are reckoned with where nobody says how many there will be.
    private static let unforeseen = 1 << 16

    /// Begins with nothing.
    public init(_ limits: Thresholds = .standard, exampleLimit: Int? = 3) {
        self.limits = limits
        self.exampleLimit = exampleLimit
    }

    /// Whether there were more keys of a kind than are kept apart: from then on it matters in which
    /// order connections come.
    public var isFull: Bool {
        attempts.count >= FindingAggregator.pairLimit
            || max(services.count, checks.count, waits.count, heard.count)
                >= FindingAggregator.keyLimit
    }

    /// One for some of the connections, with nothing collected yet but what is known ahead of all.
    func split() -> FindingAggregator {
        var shard = FindingAggregator(limits.unshared(), exampleLimit: exampleLimit)
        shard.sketches = sketches
        shard.isPreviewed = isPreviewed
        shard.previewsAll = isPreviewed
        return shard
    }

    /// Learns of a connection that is examined later: of all that are, or of none of them. Then nothing is
    /// kept of what will be too few of their kind anyhow.
    ///
    /// - Parameter count: how many there are in all.
    mutating func preview(
        _ key: FlowKey, _ connection: borrowing @_addressable Connection, of count: Int
    ) {
        preview(key, ConnectionPreview.Facts(connection), of: count)
    }

    /// Learns of connections that were opened and are established, of which nothing is foreseen.
    mutating func previewEstablished() { isPreviewed = true }

    /// Learns of a connection that is nothing but a SYN.
    mutating func previewAttempt(_ key: FlowKey, by opener: Side, of count: Int) {
        preview(key, ConnectionPreview.Facts(attemptBy: opener), of: count)
    }

    /// The same of what was noted of either.
    mutating func preview(_ preview: ConnectionPreview, of count: Int) {
        self.preview(preview.key, preview.facts, of: count)
    }

    @inline(__always) private mutating func preview(
        _ key: FlowKey, _ facts: ConnectionPreview.Facts, of count: Int
    ) {
        isPreviewed = true
        if facts.isEmpty { return }
        if facts.contains(.lowWaits) {
            sketches.waits.add(waitKey(.low, key, opener: facts.opener).mixed, of: count)
        }
        if facts.contains(.highWaits) {
            sketches.waits.add(waitKey(.high, key, opener: facts.opener).mixed, of: count)
        }
        guard facts.contains(.isAttempt) else { return }
        sketches.attempts.add(pair(key, opener: facts.opener).mixed, of: count)
        sketches.sources.add(source(key.address(facts.opener)), of: count)
        if facts.contains(.isSettled) {
            sketches.settled.add(pair(key, opener: facts.opener).mixed, of: count)
        }
    }

    private func source(_ client: Address) -> UInt64 { FindingAggregator.mix(client, client, 1) }

    private func pair(_ key: FlowKey, opener: Side) -> Pair {
        Pair(client: key.address(opener), server: key.address(opener.peer))
    }

    private func waitKey(_ side: Side, _ key: FlowKey, opener: Side) -> WaitKey {
        let server = opener.peer
        return WaitKey(
            host: key.address(side), role: side == opener ? .client : .server,
            service: Service(address: key.address(server), port: key.port(server)))
    }

    /// Examines a connection as it stands at a moment.
    public mutating func add(
        _ record: borrowing @_addressable ConnectionRecord, at now: Timestamp
    ) {
        let opener = record.connection.opener
        let service = Service(
            address: record.address(opener.peer), port: record.port(opener.peer))
        count(record, service, at: now)
        if record.connection[.low].state == .timeWait {
            noteWait(record, waitKey(.low, record.key, opener: opener), at: now)
        }
        if record.connection[.high].state == .timeWait {
            noteWait(record, waitKey(.high, record.key, opener: opener), at: now)
        }
        let isEmptyVisit = record.connection.isEmptyVisit
        if Links.Candidate.isOpen(record) { links.addOpen(record, service) }
        let isUneventful = ConnectionExaminer.isUneventful(record, at: now, limits)
        if !isEmptyVisit, isUneventful { return }
        let client = record.address(opener)
        let examiner = ConnectionExaminer(record, at: now, limits)
        found.removeAll(keepingCapacity: true)
        if !isUneventful { examiner.addFindings(to: &found) }
        if isEmptyVisit {
            let checked = Checked(client: client, service: service)
            if checks[checked] != nil || checks.count < FindingAggregator.keyLimit {
                noteCheck(examiner, checked, found)
                return
            }
        }
        if !found.isEmpty || record.connection.anomalies.contains(.midStream),
            link(examiner, found, client, service)
        {
            return
        }
        for finding in found { add(examiner, finding, client, service) }
    }

    /// Keeps a connection that may be a part of another; returns whether it did. What may be a scan's is none.
    private mutating func link(
        _ examiner: borrowing @_addressable ConnectionExaminer, _ found: [Finding],
        _ client: Address, _ service: Service
    ) -> Bool {
        guard !found.contains(where: { $0.diagnosis == .portReuseCollision }),
            var candidate = Links.Candidate(examiner, service, found: found),
            candidate.kind == .stray || !found.isEmpty, links.keeps(candidate)
        else { return false }
        for finding in found where candidate.kind != .asked || finding.isSettled {
            candidate.examples.append(FindingExample(examiner, finding))
        }
        guard candidate.kind == .stray || !candidate.examples.isEmpty else { return false }
        if candidate.kind == .stray {
            let linked = Finding(
                .natBypassed, .past, end: candidate.sender, fault: .middlebox, .warning, .proved,
                since: examiner.record.connection.firstSeen,
                frame: examiner.record.connection.firstFrame,
                laterFrame: examiner.record.connection.lastFrame)
            candidate.linkedExamples = [FindingExample(examiner, linked)]
        }
        for candidate in links.add(candidate) { add(candidate) }
        return true
    }

    /// Files what a connection is that is no part of another.
    mutating func add(_ candidate: Links.Candidate) {
        let pair = Pair(client: candidate.client, server: candidate.service.address)
        for example in candidate.examples {
            let key = FindingGroup.Key(example)
            if key.diagnosis.isAttempt,
                attempts.count < FindingAggregator.pairLimit || attempts[pair] != nil
            {
                attempts[pair, default: [:]][key, default: FindingGroup(key)].add(
                    example, limits, keep: exampleLimit)
            } else if key.diagnosis != .portScan {
                members.values[index(ofMember: key)].add(example, limits, keep: exampleLimit)
            }
        }
    }

    private mutating func add(
        _ examiner: borrowing ConnectionExaminer, _ finding: Finding, _ client: Address,
        _ service: Service
    ) {
        let key = FindingGroup.Key(finding, service)
        if finding.diagnosis.isAttempt {
            let pair = Pair(client: client, server: service.address)
            if isOneOfMany(pair, finding) {
                attempts[pair, default: [:]][key, default: FindingGroup(key)].add(
                    examiner, finding, keep: exampleLimit)
                return
            }
            guard finding.isSettled, finding.diagnosis != .portScan else { return }
        }
        members.values[index(ofMember: key)].add(examiner, finding, keep: exampleLimit)
    }

    /// Where a group is, which begins if it is new.
    mutating func index(ofMember key: FindingGroup.Key) -> Int {
        members.index(of: key) ?? members.add(key, FindingGroup(key))
    }

    /// Whether an attempt has to wait for others of its pair: they may come to a scan, or be settled where it
    /// is not; and whether there is room.
    private mutating func isOneOfMany(_ pair: Pair, _ finding: Finding) -> Bool {
        let hash = pair.mixed
        if isPreviewed {
            let count = sketches.attempts[hash]
            let hasSettled = count > 1 && sketches.settled[hash] > 0
            guard
                hasSettled || count >= limits[.scanPorts]
                    || sketches.sources[source(pair.client)] >= limits[.scanPorts]
            else { return false }
        } else {
            sketches.attempts.add(hash, of: FindingAggregator.unforeseen)
            if finding.isSettled { sketches.settled.add(hash, of: FindingAggregator.unforeseen) }
        }
        return attempts.count < FindingAggregator.pairLimit || attempts[pair] != nil
    }

    private mutating func count(
        _ record: borrowing @_addressable ConnectionRecord, _ service: Service, at now: Timestamp
    ) {
        if let index = index(of: service) {
            services.values[index].add(record, at: now, limits, keep: exampleLimit)
        }
        if record.connection.isHandshakeComplete {
            completers.insert(record.address(record.connection.opener))
        }
        if record.connection.client.hasSentSYN, record.connection.client.synCount == 1,
            record.connection.client.hasSentSYNsOnly,
            record.connection.server.packets == UInt64(record.connection.server.rstCount)
        {
            lone.add(record, at: now, limits, keep: exampleLimit)
        }
        guard record.connection.lastSeen - record.connection.firstSeen >= limits[.idle] else {
            return
        }
        for side in Side.allCases where record.connection[side].hasSent {
            let address = record.address(side)
            let lastSent = record.connection[side].lastSent
            if let index = heard.index(of: address) {
                heard.values[index] = max(heard.values[index], lastSent)
            } else if heard.count < FindingAggregator.keyLimit {
                _ = heard.add(address, lastSent)
            }
        }
    }

    /// Where a service's tally is, which begins if it is new; nil if there are too many.
    mutating func index(of service: Service) -> Int? {
        if let index = services.index(of: service) { return index }
        guard services.count < FindingAggregator.keyLimit else { return nil }
        return services.add(service, ServiceStatistics(service))
    }

    func statistics(of service: Service?) -> ServiceStatistics? {
        placeOfStatistics(of: service).map { services.values[$0] }
    }

    /// Where a service's statistics are among all; nil without any. They are large: who asks for a number or two reads
    /// them there.
    func placeOfStatistics(of service: Service?) -> Int? {
        service.flatMap { services.place(of: $0) }
    }

    private mutating func noteWait(
        _ record: borrowing @_addressable ConnectionRecord, _ waitKey: WaitKey, at now: Timestamp
    ) {
        if isPreviewed {
            guard sketches.waits[waitKey.mixed] >= limits[.timeWait] else { return }
        } else {
            sketches.waits.add(waitKey.mixed, of: FindingAggregator.unforeseen)
        }
        guard let index = index(of: waitKey) else { return }
        let role = waitKey.role
        let finding = Finding(
            .timeWaitPileup, end: role, fault: Fault(role), .notice, record.connection[role].grade,
            since: record.connection[role].since, frame: record.connection[role].sinceFrame)
        waits.values[index].add(record, finding, at: now, limits, keep: exampleLimit)
    }

    /// Where a pile of waiting ends is, which begins if it is new; nil if there are too many.
    mutating func index(of waitKey: WaitKey) -> Int? {
        if let index = waits.index(of: waitKey) { return index }
        guard waits.count < FindingAggregator.keyLimit else { return nil }
        let key = FindingGroup.Key(
            diagnosis: .timeWaitPileup, service: waitKey.service, end: waitKey.role,
            fault: Fault(waitKey.role))
        return waits.add(waitKey, FindingGroup(key))
    }

    private mutating func noteCheck(
        _ examiner: borrowing ConnectionExaminer, _ checked: Checked, _ found: [Finding]
    ) {
        let key = FindingGroup.Key(
            diagnosis: .healthCheck, service: checked.service, end: .client, fault: .nobody)
        let finding = Finding(
            .healthCheck, end: .client, fault: .nobody, .benign, .proved,
            since: examiner.record.connection.firstSeen,
            frame: examiner.record.connection.firstFrame,
            laterFrame: examiner.record.connection.lastFrame)
        // In place: a copy would copy all its examples.
        checks[checked, default: Checks(checks: FindingGroup(key))]
            .add(examiner.record.connection.firstSeen)
        checks[checked]?.checks.add(examiner, finding, keep: exampleLimit)
        for finding in found {
            let key = FindingGroup.Key(
                diagnosis: finding.diagnosis, service: checked.service, end: finding.end,
                fault: finding.fault)
            checks[checked]?.otherwise[key, default: FindingGroup(key)].add(
                examiner, finding, keep: exampleLimit)
        }
    }
}

extension Diagnosis {
    /// Whether it may be one try of a scan.
    var isAttempt: Bool {
        self == .refused || self == .synFiltered || self == .portScan
    }
}

extension Timestamp {
    static let distantPast = Timestamp(nanoseconds: .min)
}
