public import Coding
public import Wire

// What is seen of the capture itself, without any connection, as bytes. The samples of frames are kept apart.
extension CaptureQuality {
    /// Adds what was seen of a capture that follows.
    ///
    /// - Parameters:
    ///   - last: the latest time before it.
    ///   - first: the time of its first frame.
    public mutating func addCapture(
        _ later: CaptureQuality, from first: Timestamp, after last: Timestamp
    ) {
        times.add(later.times, from: first, after: last)
        if let sums = later.checksums {
            checksums = checksums ?? ChecksumStatistics()
            checksums?.add(sums)
        }
        framesRead &+= later.framesRead
        framesBackInTime &+= later.framesBackInTime
        if let lost = later.lostPackets { lostPackets = (lostPackets ?? 0) &+ lost }
    }

    /// Writes what is seen of the capture itself, or reads it.
    public mutating func codeCapture(_ coder: inout BinaryCoder) {
        times.code(&coder)
        coder(&framesRead)
        coder(&framesBackInTime)
        coder(&lostPackets)
        coder.optional(&checksums, ChecksumStatistics()) { $0.code(&$1) }
    }
}

extension CaptureQuality {
    /// Writes all that was seen of the frames, to look at more of them later; or reads it.
    public mutating func codeProbe(_ coder: inout BinaryCoder) {
        frames.code(&coder)
        times.codeWhole(&coder)
        coder.optional(&checksums, ChecksumStatistics()) { $0.code(&$1) }
    }
}

extension ChecksumStatistics {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        var all = hosts.keys.sorted().map { HostCount(host: $0, count: hosts[$0] ?? Count()) }
        var others = others
        coder.list(&all, HostCount(host: Address(high: 0, low: 0), count: Count())) {
            $1(&$0.host)
            $0.count.code(&$1)
        }
        others.code(&coder)
        guard coder.isReading else { return }
        let pairs = all.map { ($0.host, $0.count) }
        guard pairs.count <= Self.hostLimit else { return coder.fail() }
        self = ChecksumStatistics(
            hosts: Dictionary(pairs) { first, _ in first }, others: others)
    }

    private struct HostCount {
        var host: Address
        var count: Count
    }
}

extension ChecksumStatistics.Count {
    fileprivate mutating func code(_ coder: inout BinaryCoder) {
        coder(&correct)
        coder(&wrong)
        coder(&notCaptured)
    }
}
