internal import Coding
internal import Diagnosis
internal import TCPState
internal import Tracking
internal import Wire

/// A script makes connections, which are written down with their transitions as in a part; the third byte says how many
/// of the bytes are changed then, three bytes each: two for the place, one for the value. What is read of that goes where
/// `merge` gives it: none of it may break anything. What nobody has changed is read as it was.
func fuzzPart(_ bytes: Span<UInt8>) {
    guard let damaged = DamagedScript(bytes) else { return }
    let part = Part(damaged.script)
    require(Part(reading: part.bytes)?.bytes == part.bytes, "it is read as another part")
    if let read = Part(reading: damaged.damage(part.bytes)) { read.merge() }
}

/// What a part holds, but for its packing.
private struct Part {
    private var counts = FrameCounts()
    private var quality = CaptureQuality()
    private var starts = RunNumbering.ConnectionStarts(merging: [])
    private var records: [ConnectionRecord] = []
    private var transitions: [Transition] = []

    /// Tracks a script.
    init(_ script: Script) {
        var tracker = script.tracker
        script.play(to: &tracker)
        tracker.observer.end = tracker.counts.last
        tracker.finish()
        counts = tracker.counts
        records = tracker.observer.records.keys.sorted().compactMap {
            tracker.observer.records[$0]
        }
        transitions = tracker.observer.history.kept.map(\.transition)
    }

    /// What is written of it.
    var bytes: [UInt8] {
        var coder = BinaryCoder()
        counts.encode(to: &coder)
        var quality = quality
        quality.codeCapture(&coder)
        starts.encode(to: &coder)
        var count = records.count
        coder(&count)
        for record in records { record.encode(to: &coder) }
        for transition in transitions { transition.encode(to: &coder) }
        return coder.bytes
    }

    /// Reads one; nil where the bytes are none.
    init?(reading bytes: [UInt8]) {
        var coder = BinaryCoder(reading: bytes)
        counts = FrameCounts(from: &coder)
        quality.codeCapture(&coder)
        starts = RunNumbering.ConnectionStarts(from: &coder)
        var count = 0
        coder(&count)
        while coder.isValid, records.count < count {
            records.append(ConnectionRecord(from: &coder))
        }
        while coder.isValid, !coder.isAtEnd { transitions.append(Transition(from: &coder)) }
        guard coder.isWhole else { return nil }
    }

    /// Does with it what `merge` does with parts: twice, as if there were two that follow each other.
    func merge() {
        var all = counts
        all.append(counts)
        var quality = quality
        let first = counts.first ?? Timestamp(nanoseconds: 0)
        quality.addCapture(quality, from: first, after: counts.last ?? first)
        _ = RunNumbering([starts, RunNumbering.ConnectionStarts(merging: [starts])])
        var summary = RunSummary()
        var history = TransitionHistory()
        let end = counts.last ?? Timestamp(nanoseconds: 0)
        for record in records {
            summary.preview(record.key, record.connection, of: records.count)
            // A part's numbers are less than the number of its connections.
            var record = record
            let serial = record.connection.serial % UInt32(max(1, records.count))
            record.renumber(serial: serial, stream: serial)
            history.connectionClosed(record, .captureEnd)
        }
        for record in records {
            quality.add(record, at: end)
            summary.add(record, at: end)
        }
        for var transition in transitions {
            transition.connection %= UInt32(max(1, records.count))
            history.add(transition, isAmended: transition.frame & 1 == 1)
        }
        _ = history.timeline()
        _ = summary.findings.groups(
            CaptureFacts(quality, vantage: nil, hosts: Set(summary.vantage.hosts.keys)))
    }
}
