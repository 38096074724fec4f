import Coding
public import Diagnosis
public import Reports
public import TCPState
public import Tracking
public import Wire

extension PartSet {
    /// Merges the parts to the report of the whole run, with the same parameters as that of a ``CaptureAnalysis``.
    public func report(
        local: AddressSet = [], _ limits: Thresholds = .standard, exampleLimit: Int? = 3,
        spelling: StateSpelling = .netstat, vantage: Vantage? = nil,
        where filter: ConnectionFilter = .all
    ) throws(PartError) -> Report {
        try requireAll()
        var collector = SummaryCollector(
            RunSummary(local: local, limits, exampleLimit: exampleLimit), filter, limits)
        let cursor = makeCursor()
        try cursor.evicted { collector.connectionClosed($0.record, .evicted) }
        let count = remaining
        try cursor.previews { collector.preview($0, of: count) }
        var quality = manifest.quality
        quality.frames = FrameSampler()
        try cursor.samples { quality.frames.count($0.sample) }
        collector.finish(CaptureEnd(time: end, quality: quality, numbering: manifest.numbering))
        try cursor.connections { record in
            collector.connectionClosed(record, .captureEnd)
            return true
        }
        return Report(
            input: summary, summary: collector.summary, quality: collector.quality,
            spelling: spelling, vantage: vantage, filter: filter)
    }

    /// How frames are named.
    public var numbering: FrameNumbering { manifest.numbering }
    /// When the capture ended.
    public var captureEnd: Timestamp { end }
    /// Whether problems kept every file from giving a single frame.
    public var hasNothing: Bool {
        let summary = summary
        return summary.frames == 0 && summary.skipped == 0 && !problems.isEmpty
    }
    /// What was wrong with the captures, a sentence each.
    public var problems: [String] { manifest.problems }

    /// Calls `body` with every connection, numbered as in the whole run: in the order of first segments, those that left a
    /// full table before the others. It returns whether to go on.
    ///
    /// - Parameter shard: the only shard whose connections are wanted; nil for all.
    public func connections(
        of shard: Int? = nil, where filter: ConnectionFilter = .all,
        _ body: (ConnectionRecord) -> Bool
    ) throws(PartError) {
        try requireAll(shard)
        let cursor = makeCursor(of: shard)
        var goesOn = true
        func add(_ record: ConnectionRecord, at time: Timestamp) {
            guard goesOn, shard == nil || shard == self.shard(of: record),
                filter.isAll || filter.shows(ExaminedConnection(record, at: time))
            else { return }
            goesOn = body(record)
        }
        try cursor.evicted { add($0.record, at: $0.record.connection.lastSeen) }
        try cursor.connections { record in
            add(record, at: end)
            return goesOn
        }
    }

    /// The transitions of the whole run, or of a shard, with their connections, all numbered as in the whole run.
    public func history(of shard: Int? = nil) throws(PartError) -> TransitionHistory {
        try requireAll(shard)
        guard head.hasTransitions else {
            throw .mismatch("merge", reason: "the parts were made without --transitions")
        }
        var history = TransitionHistory()
        let cursor = makeCursor(of: shard)
        try cursor.evicted {
            if shard == nil || shard == $0.shard { history.connectionClosed($0.record, .evicted) }
        }
        try cursor.connections { record in
            if shard == nil || shard == self.shard(of: record) {
                history.connectionClosed(record, .captureEnd)
            }
            return true
        }
        try cursor.transitions {
            if shard == nil || shard == $0.shard {
                history.add($0.transition, isAmended: $0.isAmended)
            }
        }
        return history
    }

    /// How many ends were in each state at equal steps of the clock, from the capture's beginning to its end.
    ///
    /// - Parameters:
    ///   - shard: the only shard whose connections are counted; nil for all. The counts of all shards add up.
    ///   - isNear: as in `TransitionHistory.timeline(isNear:)`.
    public func states(
        of shard: Int? = nil, every step: TimeSpan, isNear: (ConnectionRecord, Side) -> Bool
    ) throws(PartError) -> [StateSample] {
        var timeline = SocketTimeline(try history(of: shard), isNear: isNear)
        guard let start = manifest.start, step > 0 else { return [] }
        let count = max(0, (end - start) / step.nanoseconds)
        guard count.nanoseconds < Int64(SocketSeries.limit) else {
            throw .mismatch(
                "--every", reason: "more than \(SocketSeries.limit) moments: use a longer interval")
        }
        let passed = start.nanoseconds % step.nanoseconds
        var time = passed > 0 ? start + (step - TimeSpan(nanoseconds: passed)) : start
        var samples: [StateSample] = []
        for _ in 0...count.nanoseconds where time <= end {
            timeline.advance(to: time)
            samples.append(StateSample(time: time, counts: timeline.counts))
            time = time + step
        }
        return samples
    }

    private func shard(of record: ConnectionRecord) -> Int {
        FlowSharding(count: manifest.shardCount).shard(of: record.key)
    }

    /// Merges the parts to one part of all their shards, in place of an old one when it is complete.
    public func write(to path: String) throws(PartError) {
        let file = try BlockFileWriter(path)
        let (manifest, head, starts) = (manifest, head, starts)
        file.append(to: .manifest) { manifest.encode(to: &$0) }
        file.append(to: .part) { head.encode(to: &$0) }
        file.append(to: .starts) { starts.encode(to: &$0) }
        let cursor = makeCursor()
        try cursor.samples { sample in file.append(to: .samples) { sample.encode(to: &$0) } }
        try cursor.evicted { evicted in file.append(to: .evicted) { evicted.encode(to: &$0) } }
        try cursor.connections { record in
            file.append(to: .connections) { record.encode(to: &$0) }
            return true
        }
        try cursor.previews { preview in file.append(to: .previews) { preview.encode(to: &$0) } }
        try cursor.transitions { kept in file.append(to: .transitions) { kept.encode(to: &$0) } }
        try file.finish()
    }
}
