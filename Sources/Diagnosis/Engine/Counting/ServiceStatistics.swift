internal import TCPState
internal import Wire

/// What a service's connections add up to, whatever is the matter with each.
struct ServiceStatistics: Sendable {
    /// Five seconds of SYNs.
    struct Bucket: Sendable {
        var opened: UInt64 = 0
        var completed: UInt64 = 0
        var repeated: UInt64 = 0
        /// Not completed within a second, and not asked for again.
        var stalled: UInt64 = 0
        /// The first few sources of what was not completed.
        var sources: [Address] = []

        mutating func add(
            isCompleted: Bool, isRepeated: Bool, isStalled: Bool, from source: Address, limit: Int
        ) {
            opened += 1
            guard !isCompleted else {
                completed += 1
                return
            }
            if isRepeated { repeated += 1 }
            guard isStalled else { return }
            if !isRepeated { stalled += 1 }
            if sources.count < limit, !sources.contains(source) { sources.append(source) }
        }

        mutating func add(_ other: Bucket) {
            opened += other.opened
            completed += other.completed
            repeated += other.repeated
            stalled += other.stalled
            for source in other.sources where !sources.contains(source) { sources.append(source) }
        }
    }

    /// How many connections that were not completed are kept where all examples are asked for.
    private static let exampleLimit = 1000
    static let bucketLength: Int64 = 5_000_000_000
    /// What counts as at the same time: two buckets.
    static let windowLength = 2 * bucketLength

    /// Connections whose handshake was completed.
    var completed: UInt64 = 0
    /// When the latest of them began.
    var lastCompleted = Timestamp(nanoseconds: .min)
    /// Connections whose SYN was answered by SYN,ACK.
    var answered: UInt64 = 0
    /// Connections on which the server sent more than SYN,ACKs and RSTs.
    var served: UInt64 = 0
    /// Of the completed ones, those whose SYN asked for ECN.
    var completedWithECN: UInt64 = 0
    /// SYN,ACKs that were sent again.
    var repeatedAnswers: UInt64 = 0
    /// When the server last sent payload, or a FIN.
    var lastAnswered = Timestamp(nanoseconds: .min)
    /// Where its SYN,ACKs came from on the link, and when first and last. At most four.
    var hardware: [(source: UInt16, first: Timestamp, last: Timestamp)] {
        var all = self
        all.fileHardware()
        return all.sortedHardware
    }
    /// The one that was noted last, which is not among the others; source 0 for none.
    private var latestHardware = (
        source: UInt16(0), first: Timestamp(nanoseconds: .max), last: Timestamp(nanoseconds: .min)
    )
    private var sortedHardware: [(source: UInt16, first: Timestamp, last: Timestamp)] = []
    /// The time stamps of SYNs that were answered.
    var clocks = ClientClocks()
    /// The times to live of the SYN,ACKs.
    var timesToLive = SmallCounter<UInt8>()
    /// The longest silence after which a connection went on.
    var survivedGap: TimeSpan = 0
    /// When the server last sent anything.
    var heard = Timestamp(nanoseconds: .min)
    /// The last of them, to which connections belong as a rule: they come in the order in which they began.
    private var latest = (number: Int64.min, bucket: Bucket())
    /// Those before it, in the order of their numbers: since 1970.
    private var buckets: [(number: Int64, bucket: Bucket)] = []
    /// Those that were missing in between when their first connection came.
    private var lateBuckets: [Int64: Bucket] = [:]
    /// A few connections that were not completed.
    var incomplete: FindingGroup

    init(_ service: Service) {
        incomplete = FindingGroup(
            FindingGroup.Key(
                diagnosis: .synFlood, service: service, end: .client, fault: .client))
    }

    mutating func add(
        _ record: borrowing @_addressable ConnectionRecord, at now: Timestamp, _ limits: Thresholds,
        keep limit: Int?
    ) {
        if record.connection.server.hasSent {
            heard = max(heard, record.connection.server.lastSent)
        }
        if record.connection.server.payload > 0 {
            lastAnswered = max(lastAnswered, record.connection.server.lastNew)
        }
        noteGaps(record)
        if record.connection.server.packetsBesidesControl > 0 { served += 1 }
        guard record.connection.client.hasSentSYN else { return }
        let isAnswered = record.connection.server.hasSentSYN
        let refusals = record.connection.server.rstCount
        guard isAnswered || refusals == 0 else { return }
        let isAcknowledged =
            record.connection.server.sendUnacknowledged
            > record.connection.server.initialSendSequence
        let isCompleted = isAnswered && isAcknowledged
        if isAnswered {
            answered += 1
            timesToLive.add(record.connection.server.first.timeToLive)
            noteHardware(
                record.connection.server.first.hardwareSource,
                record.connection.server.first.time, record.connection.server.first.time)
            if record.connection.client.synCount == 1 {
                clocks.add(
                    record.address(record.connection.opener),
                    record.connection.client.first.timestampValue, at: record.connection.firstSeen)
            }
            if record.connection.server.synCount > 1 { repeatedAnswers += 1 }
        }
        let number = record.connection.firstSeen.nanoseconds / ServiceStatistics.bucketLength
        let isRepeated = record.connection.client.synCount > 1
        let resets = record.connection.client.rstCount
        let isStalled = now - record.connection.firstSeen >= 1_000_000_000 && resets == 0
        let source = record.address(record.connection.opener)
        let sourceLimit = Int(limits[.floodSources])
        change(number) {
            $0.add(
                isCompleted: isCompleted, isRepeated: isRepeated, isStalled: isStalled,
                from: source, limit: sourceLimit)
        }
        guard !isCompleted else {
            completed += 1
            lastCompleted = max(lastCompleted, record.connection.firstSeen)
            if record.connection.client.asksForECN { completedWithECN += 1 }
            return
        }
        let finding = Finding(
            .synFlood, end: .client, fault: .client, .critical, .inferred,
            since: record.connection.firstSeen, count: Int(record.connection.client.synCount),
            frame: record.connection.firstFrame)
        incomplete.add(record, finding, at: now, limits, keep: limit ?? Self.exampleLimit)
    }

    private mutating func noteGaps(_ record: borrowing @_addressable ConnectionRecord) {
        survivedGap = max(survivedGap, record.connection.gaps.longestSurvived)
        if let gap = record.connection.gaps.latest, record.rareFacts?.reset == nil,
            record.connection.client.lastSent >= gap.end,
            record.connection.server.lastSent >= gap.end
        {
            survivedGap = max(survivedGap, gap.duration)
        }
    }

    private mutating func noteHardware(
        _ source: UInt16, _ first: Timestamp, _ last: Timestamp
    ) {
        guard source != 0 else { return }
        if source != latestHardware.source {
            fileHardware()
            latestHardware = (source, first, last)
        }
        latestHardware.first = min(latestHardware.first, first)
        latestHardware.last = max(latestHardware.last, last)
    }

    /// Puts the one that was noted last among the others. The same few, whatever order they come in.
    private mutating func fileHardware() {
        let (source, first, last) = latestHardware
        guard source != 0 else { return }
        let index = sortedHardware.firstIndex { $0.source >= source } ?? sortedHardware.count
        if index < sortedHardware.count, sortedHardware[index].source == source {
            sortedHardware[index].first = min(sortedHardware[index].first, first)
            sortedHardware[index].last = max(sortedHardware[index].last, last)
        } else {
            sortedHardware.insert(latestHardware, at: index)
            if sortedHardware.count > 4 { sortedHardware.removeLast() }
        }
    }

    /// Changes a bucket, which begins if it is new. O(log n).
    private mutating func change(_ number: Int64, _ body: (inout Bucket) -> Void) {
        if number > latest.number {
            if latest.number != .min { buckets.append(latest) }
            latest = (number, Bucket())
        }
        guard number < latest.number else { return body(&latest.bucket) }
        let index = firstIndex(from: number)
        if index < buckets.count, buckets[index].number == number {
            body(&buckets[index].bucket)
        } else {
            body(&lateBuckets[number, default: Bucket()])
        }
    }

    private func bucket(_ number: Int64) -> Bucket? {
        if number == latest.number { return latest.bucket }
        let index = firstIndex(from: number)
        return index < buckets.count && buckets[index].number == number
            ? buckets[index].bucket : lateBuckets[number]
    }

    /// All of them, in no order.
    private var allBuckets: [(number: Int64, bucket: Bucket)] {
        buckets + (latest.number == .min ? [] : [latest])
            + lateBuckets.map { (number: $0.key, bucket: $0.value) }
    }

    /// Where the first bucket before the last one is with this number or a higher one.
    private func firstIndex(from number: Int64) -> Int {
        var range = buckets.indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            if buckets[middle].number < number {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        return range.lowerBound
    }

    mutating func add(_ other: ServiceStatistics, keep limit: Int?) {
        completed += other.completed
        lastCompleted = max(lastCompleted, other.lastCompleted)
        answered += other.answered
        served += other.served
        completedWithECN += other.completedWithECN
        repeatedAnswers += other.repeatedAnswers
        timesToLive.add(other.timesToLive)
        lastAnswered = max(lastAnswered, other.lastAnswered)
        for one in other.hardware { noteHardware(one.source, one.first, one.last) }
        clocks.add(other.clocks)
        survivedGap = max(survivedGap, other.survivedGap)
        heard = max(heard, other.heard)
        for (number, bucket) in other.allBuckets { change(number) { $0.add(bucket) } }
        incomplete.add(other.incomplete, keep: limit ?? Self.exampleLimit)
    }

    /// Whether a handshake was completed within ten seconds or so of a moment.
    func hasCompleted(about time: Timestamp) -> Bool {
        let number = time.nanoseconds / ServiceStatistics.bucketLength
        return (number - 2...number + 2).contains { (bucket($0)?.completed ?? 0) > 0 }
    }

    /// SYN FLOOD: within ten seconds many SYNs that are not completed a second later, from many addresses that
    /// mostly do not repeat themselves, as hosts that want in would. That others complete theirs meanwhile
    /// is no excuse: it shows that the last ACKs are in the capture. Where none does, the server
    /// has to repeat its SYN,ACKs, or segments without SYN have to be in the capture at all: otherwise a
    /// capture filter explains it. Returns how many in all such tens of seconds; nil without any.
    func flood(_ limits: Thresholds, _ facts: CaptureFacts) -> UInt64? {
        guard Int64(incomplete.count) >= limits[.floodCount] else { return nil }
        guard completed > 0 || repeatedAnswers > 0 || (answered > 0 && facts.hasPlainSegments)
        else { return nil }
        let flooded = allBuckets.filter { number, first in
            first.isFlood(with: bucket(number + 1) ?? Bucket(), limits)
        }.map(\.number)
        guard !flooded.isEmpty else { return nil }
        return Set(flooded + flooded.map { $0 + 1 }).reduce(0) { sum, number in
            sum + (bucket(number).map { $0.opened - $0.completed } ?? 0)
        }
    }

    /// The time to live of most of its SYN,ACKs; nil without any.
    var usualTimeToLive: UInt8? { timesToLive.mostFrequent { $0 } }
}

extension ServiceStatistics.Bucket {
    /// Whether this one and the next are part of a flood.
    fileprivate func isFlood(with next: ServiceStatistics.Bucket, _ limits: Thresholds) -> Bool {
        let all = opened + next.opened
        let missing = stalled + next.stalled
        return Int64(missing) >= limits[.floodCount]
            && Int64(missing * 100) >= limits[.floodShare] * Int64(all)
            && Set(sources + next.sources).count >= Int(limits[.floodSources])
            && (repeated + next.repeated) * 2 < missing
    }
}

/// Connections of one address to one service that carry no data: health checks, if they come at a steady
/// pace.
struct Checks: Sendable {
    static let limit = 64

    /// When the first of them began, in whatever order they are told.
    private(set) var times: [Timestamp] = []
    /// All of them, as checks.
    var checks: FindingGroup
    /// What else they would be.
    var otherwise: [FindingGroup.Key: FindingGroup] = [:]

    /// Notes when one began, if it is among the first.
    mutating func add(_ time: Timestamp) {
        if times.count < Checks.limit {
            times.append(time)
        } else if let last = times.indices.max(by: { times[$0] < times[$1] }), time < times[last] {
            times[last] = time
        }
    }

    /// A check that the capture has twice, at two interfaces for instance, is shown twice within so short a time.
    private static let copyDistance: TimeSpan = 1_000_000

    /// HEALTH CHECK (benign): from one address, at a steady pace (two of three pauses within 10 %, and
    /// 20 ms; none shorter or longer by half), connections that are opened and at once closed or
    /// reset without a byte. Returns the pause between them; nil if they are none.
    func pace(_ limits: Thresholds) -> TimeSpan? {
        var sorted: [Timestamp] = []
        for time in times.sorted() where time - (sorted.last ?? .distantPast) > Self.copyDistance {
            sorted.append(time)
        }
        guard Int64(sorted.count) >= limits[.healthChecks] else { return nil }
        let gaps = zip(sorted.dropFirst(), sorted).map { $0 - $1 }
        let mean = (sorted[sorted.count - 1] - sorted[0]) / gaps.count
        guard mean >= 500_000_000 else { return nil }
        let slack = mean / 10 + 20_000_000
        let steady = gaps.count { ($0 - mean).magnitude <= slack }
        let isSteady =
            steady * 3 >= gaps.count * 2 && gaps.allSatisfy { $0 > mean / 2 && $0 < mean * 3 / 2 }
        return isSteady ? mean : nil
    }
}
