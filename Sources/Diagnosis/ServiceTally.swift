internal import TCPState
internal import Wire

/// What a service's connections add up to, whatever is the matter with each.
struct ServiceTally: Sendable {
    /// Five seconds of SYNs.
    struct Bucket: Sendable {
        var opened: UInt64 = 0
        var completed: UInt64 = 0
        var repeated: UInt64 = 0
        /// The first few sources of what was not completed.
        var sources: [Address] = []

        mutating func take(isCompleted: Bool, isRepeated: Bool, from source: Address, limit: Int) {
            opened += 1
            guard !isCompleted else {
                completed += 1
                return
            }
            if isRepeated { repeated += 1 }
            if sources.count < limit, !sources.contains(source) { sources.append(source) }
        }
    }

    static let bucketLength: Int64 = 5_000_000_000
    /// What counts as at the same time: two buckets.
    static let windowLength = 2 * bucketLength

    /// Connections whose handshake was completed.
    var completed: UInt64 = 0
    /// The longest silence after which a connection went on.
    var survivedGap: Int64 = 0
    /// When the server last sent anything.
    var heard = Timestamp(nanoseconds: .min)
    /// By the number of the bucket since 1970.
    var buckets: [Int64: Bucket] = [:]
    /// A few connections that were not completed.
    var incomplete: FindingGroup

    mutating func take(_ examination: Examination, keep limit: Int?) {
        let record = examination.record
        let connection = record.connection
        let client = examination.client
        let server = examination.server
        let limits = examination.limits
        if server.hasSent { heard = max(heard, server.lastSent) }
        if record.hasNotes, let notes = record.notes {
            survivedGap = max(survivedGap, notes.survivedGap)
            if let gap = notes.gap, notes.reset == nil, client.lastSent >= gap.end,
                server.lastSent >= gap.end
            {
                survivedGap = max(survivedGap, gap.length)
            }
        }
        guard client.hasSentSYN else { return }
        let isCompleted =
            server.hasSentSYN && server.sendUnacknowledged > server.initialSendSequence
        let number = connection.firstSeen.nanoseconds / ServiceTally.bucketLength
        let isRefused = !server.hasSentSYN && server.rstCount > 0
        guard !isRefused else { return }
        buckets[number, default: Bucket()].take(
            isCompleted: isCompleted, isRepeated: client.synCount > 1,
            from: record.address(connection.opener), limit: Int(limits[.floodSources]))
        guard !isCompleted else {
            completed += 1
            return
        }
        let finding = Finding(
            .synFlood, end: .client, fault: .client, .critical, .inferred,
            since: connection.firstSeen, count: Int(client.synCount),
            frame: connection.firstFrame)
        incomplete.add(examination, finding, keep: limit ?? 1000)
    }

    mutating func add(_ other: ServiceTally, keep limit: Int?) {
        completed += other.completed
        survivedGap = max(survivedGap, other.survivedGap)
        heard = max(heard, other.heard)
        for (number, bucket) in other.buckets {
            var sum = buckets[number] ?? Bucket()
            sum.opened += bucket.opened
            sum.completed += bucket.completed
            sum.repeated += bucket.repeated
            for source in bucket.sources where !sum.sources.contains(source) {
                sum.sources.append(source)
            }
            buckets[number] = sum
        }
        incomplete.add(other.incomplete, keep: limit)
    }

    /// Whether a handshake was completed within ten seconds or so of a moment.
    func hasCompleted(about time: Timestamp) -> Bool {
        let number = time.nanoseconds / ServiceTally.bucketLength
        return (number - 2...number + 2).contains { (buckets[$0]?.completed ?? 0) > 0 }
    }

    /// SYN FLOOD: within ten seconds many SYNs, of which less than a tenth complete their handshake, from
    /// many addresses that mostly do not repeat themselves, as hosts that want in would. Returns how
    /// many in all such tens of seconds; nil without any.
    func flood(_ limits: Thresholds) -> UInt64? {
        let flooded = buckets.keys.filter { number in
            guard let first = buckets[number] else { return false }
            let second = buckets[number + 1] ?? Bucket()
            return first.isFlood(with: second, limits)
        }
        guard !flooded.isEmpty else { return nil }
        return Set(flooded + flooded.map { $0 + 1 }).reduce(0) { sum, number in
            sum + (buckets[number].map { $0.opened - $0.completed } ?? 0)
        }
    }
}

extension ServiceTally.Bucket {
    /// Whether this one and the next are part of a flood.
    fileprivate func isFlood(with next: ServiceTally.Bucket, _ limits: Thresholds) -> Bool {
        let all = opened + next.opened
        let missing = all - completed - next.completed
        return Int64(missing) >= limits[.floodCount]
            && Int64((completed + next.completed) * 100) < limits[.floodCompletion] * Int64(all)
            && Set(sources + next.sources).count >= Int(limits[.floodSources])
            && (repeated + next.repeated) * 2 < all
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
    mutating func note(_ time: Timestamp) {
        if times.count < Checks.limit {
            times.append(time)
        } else if let last = times.indices.max(by: { times[$0] < times[$1] }), time < times[last] {
            times[last] = time
        }
    }

    /// HEALTH CHECK (benign): from one address, at a steady pace (within 5 %, and 20 ms), connections
    /// that are opened and at once closed or reset without a byte. Returns the pause between them in
    /// nanoseconds; nil if they are none.
    func pace(_ limits: Thresholds) -> Int64? {
        guard Int64(times.count) >= limits[.healthChecks] else { return nil }
        let sorted = times.sorted()
        let gaps = zip(sorted.dropFirst(), sorted).map { $0 - $1 }
        let mean = (sorted[sorted.count - 1] - sorted[0]) / Int64(gaps.count)
        guard mean >= 500_000_000 else { return nil }
        let slack = mean / 20 + 20_000_000
        return gaps.allSatisfy { abs($0 - mean) <= slack } ? mean : nil
    }
}
