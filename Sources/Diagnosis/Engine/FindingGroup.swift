public import TCPState
public import Wire

/// A server's address and port: what findings are grouped by.
public struct Service: Hashable, Sendable {
    /// The server's address.
    public let address: Address
    /// The server's port; 0 for all of them.
    public let port: UInt16

    /// Joins the two.
    public init(address: Address, port: UInt16) {
        self.address = address
        self.port = port
    }
}

/// The connections of one service with one diagnosis: counts, and a few of them.
public struct FindingGroup: Sendable {
    /// What they have in common.
    public struct Key: Hashable, Sendable {
        /// What is the matter.
        public var diagnosis: Diagnosis
        /// The service; nil where it concerns the capture.
        public var service: Service?
        /// The end that it is about.
        public var end: Role
        /// Who has to act.
        public var fault: Fault

        /// Joins the parts.
        init(diagnosis: Diagnosis, service: Service?, end: Role, fault: Fault) {
            self.diagnosis = diagnosis
            self.service = service
            self.end = end
            self.fault = fault
        }

        /// Where a finding belongs that concerns a service, or the capture alone.
        init(_ finding: Finding, _ service: Service) {
            self.init(
                diagnosis: finding.diagnosis, service: finding.fault == .capture ? nil : service,
                end: finding.end, fault: finding.fault)
        }

        /// Where an example belongs.
        init(_ example: FindingExample) { self.init(example.finding, example.service) }

        /// All of it but the service.
        var kind: UInt32 {
            UInt32(diagnosis.rawValue) << 16 | UInt32(end.rawValue) << 8 | UInt32(fault.number)
        }

        /// Of numbers only: the name of a fault takes longer.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(service)
            hasher.combine(kind)
        }
    }

    /// The client's state and the server's.
    public struct States: Hashable, Sendable {
        /// The client's.
        public let client: State
        /// The server's.
        public let server: State
    }

    /// What they have in common.
    public internal(set) var key: Key
    /// How many connections.
    public internal(set) var count: UInt64 = 0
    /// How many of them the capture follows for long enough.
    public internal(set) var settled: UInt64 = 0
    /// How many of them are at least as old as the threshold `close-wait-settled` says.
    var lasting: UInt64 = 0
    /// The worst of them alone; see ``severity``.
    var worst = Severity.benign
    /// How sure the least sure of those is that are settled, or of all if none is.
    public internal(set) var grade = Grade.proved
    /// When the oldest trouble began.
    public internal(set) var oldest = Timestamp(nanoseconds: .max)
    /// When the latest one did.
    public internal(set) var newest = Timestamp(nanoseconds: .min)
    /// The shortest and the longest of what the diagnosis measures.
    public internal(set) var lengths: ClosedRange<TimeSpan> = 0...0
    /// The forms that occur, by number.
    public internal(set) var forms = SmallCounter<Finding.Form>()
    /// The pairs of states that they are in, by number.
    public internal(set) var states = SmallCounter<States>()
    /// The oldest few, or all. A few are in order; all of them once `sortExamples()` has put them in order.
    public internal(set) var examples: [FindingExample] = []
    private var isSorted = true
    /// Connections that suffer from the same thing without showing it themselves.
    public internal(set) var related: UInt64 = 0
    /// What a group measures beside its members: the longest silence survived, the pause between
    /// checks, the number of sources.
    public internal(set) var measure: Int64 = 0
    /// The time to live of the service's SYN,ACKs, if it has one.
    var usualTimeToLive: UInt8?
    /// Whether it is about one port of many hosts.
    var isHorizontal = false
    /// Whether all connections of the service are of it.
    public internal(set) var isOfAll = false
    /// Whether the end that does not answer was heard on other connections meanwhile.
    var isPeerUp = false
    /// The rivals that every one of them refutes by itself.
    var refuted = Explanations.all
    /// The rivals of the diagnosis that facts refute.
    public internal(set) var refutations: [Refutation] = []
    /// The rivals that nothing refutes.
    public internal(set) var undecided: [Explanation] = []
    /// The other pair of addresses of the same connection; nil if it is linked to none.
    public internal(set) var link: String?
    /// How bad it is.
    public internal(set) var severity = Severity.benign

    init(_ key: Key) { self.key = key }

    /// What most of them have in common.
    public var form: Finding.Form { forms.mostFrequent(\.rawValue) ?? .usual }

    /// The pairs of states, the most frequent first.
    public var statesByCount: [(states: States, count: UInt64)] {
        states.entries.sorted {
            ($1.count, $0.key.client.rawValue, $0.key.server.rawValue)
                < ($0.count, $1.key.client.rawValue, $1.key.server.rawValue)
        }.map { ($0.key, $0.count) }
    }

    /// How many of them were there before the run began.
    public internal(set) var presentBefore: UInt64 = 0
    /// When the oldest trouble began of those that were not.
    private var oldestNew = Timestamp(nanoseconds: .max)

    /// New ones per second, from the first to the last; nil for fewer than five or within a second. What was there
    /// before the run began tells nothing.
    public var slope: Double? {
        let count = count - presentBefore
        guard count >= 5, newest - oldestNew >= 1_000_000_000 else { return nil }
        return Double(count - 1) * 1e9 / Double((newest - oldestNew).nanoseconds)
    }

    /// Adds a connection, which is examined only if it is kept as an example.
    mutating func add(
        _ record: borrowing @_addressable ConnectionRecord, _ finding: Finding, at now: Timestamp,
        _ limits: Thresholds, keep limit: Int?
    ) {
        let states = States(
            client: record.connection.client.state, server: record.connection.server.state)
        include(finding, states, record.connection.anomalies, limits)
        guard hasRoom(for: finding, limit) else { return }
        keep(FindingExample(ConnectionExaminer(record, at: now, limits), finding), limit)
    }

    /// Adds a connection.
    mutating func add(
        _ examiner: borrowing ConnectionExaminer, _ finding: Finding, keep limit: Int?
    ) {
        let states = States(client: examiner.client.state, server: examiner.server.state)
        include(finding, states, examiner.record.connection.anomalies, examiner.limits)
        guard hasRoom(for: finding, limit) else { return }
        keep(FindingExample(examiner, finding), limit)
    }

    /// Adds a connection that is an example already.
    mutating func add(_ example: FindingExample, _ limits: Thresholds, keep limit: Int?) {
        let states = States(client: example.client.state, server: example.server.state)
        include(example.finding, states, example.anomalies, limits)
        keep(example, limit)
    }

    /// Names the local programs of the connections that are kept as examples.
    public mutating func nameProcesses(_ name: (FindingExample) -> String?) {
        for index in examples.indices { examples[index].process = name(examples[index]) }
    }

    /// Keeps the oldest few of its examples.
    public mutating func limitExamples(to limit: Int) {
        // Removing would copy all of them first, where they are shared.
        if examples.count > limit { examples = Array(examples.prefix(limit)) }
    }

    private func hasRoom(for finding: Finding, _ limit: Int?) -> Bool {
        guard let limit, examples.count >= limit, let last = examples.last else { return true }
        return finding.precedes(last.finding)
    }

    private mutating func include(
        _ finding: Finding, _ states: States, _ anomalies: Anomalies, _ limits: Thresholds
    ) {
        worst = min(worst, finding.severity)
        if finding.isSettled, settled == 0 {
            grade = finding.grade
        } else if finding.isSettled || settled == 0, finding.grade.rawValue > grade.rawValue {
            grade = finding.grade
        }
        lengths =
            count == 0
            ? finding.length...finding.length
            : min(lengths.lowerBound, finding.length)...max(lengths.upperBound, finding.length)
        count += 1
        if finding.isSettled { settled += 1 }
        if finding.length >= limits[.closeWaitSettled] { lasting += 1 }
        oldest = min(oldest, finding.since)
        newest = max(newest, finding.since)
        if anomalies.contains(.presentBefore) {
            presentBefore += 1
        } else {
            oldestNew = min(oldestNew, finding.since)
        }
        self.states.add(states)
        forms.add(finding.form)
        refuted.formIntersection(finding.refuted)
    }

    private mutating func keep(_ example: consuming FindingExample, _ limit: Int?) {
        guard let limit else {
            isSorted = isSorted && examples.last?.precedes(example) ?? true
            examples.append(example)
            return
        }
        if examples.count >= limit {
            guard let last = examples.last, example.precedes(last) else { return }
            examples.removeLast()
        }
        let index = examples.lastIndex { !example.precedes($0) }.map { $0 + 1 } ?? 0
        if index == examples.count {
            examples.append(example)
        } else {
            examples.insert(example, at: index)
        }
    }

    /// Puts the examples in order. O(n log n), once for all that were added.
    mutating func sortExamples() {
        if !isSorted { examples.sort { $0.precedes($1) } }
        isSorted = true
    }

    /// Adds another group's connections. O(examples of the other one), and those kept where they are limited.
    mutating func add(_ other: FindingGroup, keep limit: Int?) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            let key = key
            self = other
            self.key = key
            related = 0
            measure = 0
            severity = .benign
            if let limit { limitExamples(to: limit) }
            return
        }
        worst = min(worst, other.worst)
        if other.settled > 0, settled == 0 {
            grade = other.grade
        } else if other.settled > 0 || settled == 0, other.grade.rawValue > grade.rawValue {
            grade = other.grade
        }
        lengths =
            min(
                lengths.lowerBound, other.lengths.lowerBound)...max(
                lengths.upperBound, other.lengths.upperBound)
        count += other.count
        settled += other.settled
        lasting += other.lasting
        oldest = min(oldest, other.oldest)
        newest = max(newest, other.newest)
        oldestNew = min(oldestNew, other.oldestNew)
        presentBefore += other.presentBefore
        forms.add(other.forms)
        refuted.formIntersection(other.refuted)
        states.add(other.states)
        keep(other.examples, limit)
    }

    /// Keeps of those that it has and of others, which are in order as well.
    private mutating func keep(_ others: [FindingExample], _ limit: Int?) {
        guard let limit else {
            isSorted = false
            examples += others
            return
        }
        var all: [FindingExample] = []
        let room = min(limit, examples.count + others.count)
        all.reserveCapacity(room)
        var (own, other) = (0, 0)
        while all.count < room {
            let isNext =
                other < others.count
                && (own == examples.count || others[other].precedes(examples[own]))
            all.append(isNext ? others[other] : examples[own])
            if isNext { other += 1 } else { own += 1 }
        }
        examples = all
    }
}
