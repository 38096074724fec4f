public import Coding
public import Wire

// What became of the frames of a capture, as bytes; connections and evictions as well.
extension FrameCounts: BinaryCodable {
    /// Reads what ``encode(to:)`` wrote.
    public init(from coder: inout BinaryCoder) {
        self.init()
        code(&coder)
    }

    /// Counts a frame that no tracker sees.
    ///
    /// - Parameter outcome: what it turned out to be.
    @inlinable
    public mutating func count(wireLength: Int, at time: Timestamp, as outcome: Decoder.Outcome) {
        countFrame(wireLength: wireLength, at: time)
        switch outcome {
        case .segment: segments &+= 1
        case .setAside(let reason): count(reason)
        case .icmpError: count(.icmp)
        }
    }

    /// Adds the counts of frames that follow, none of which is earlier than the last one here.
    public mutating func append(_ later: FrameCounts) {
        guard later.frames > 0 else { return }
        frames &+= later.frames
        addContents(of: later)
        wireBytes &+= later.wireBytes
        framesBackInTime &+= later.framesBackInTime
        earliest = min(earliest, later.earliest)
        latest = max(latest, later.latest)
        add(later)
    }

    /// All of the counts.
    public mutating func code(_ coder: inout BinaryCoder) {
        coder(&frames)
        coder(&segments)
        for index in setAside.indices { coder(&setAside[index]) }
        coder(&wireBytes)
        coder(&earliest)
        coder(&latest)
        coder(&framesBackInTime)
        coder(&connections)
        coder(&evictions.closed)
        coder(&evictions.halfOpen)
        coder(&evictions.open)
        // Nothing that is counted comes near to what overflows a sum.
        let all =
            setAside + [
                frames, segments, evictions.closed, evictions.halfOpen, evictions.open,
            ]
        if coder.isReading, !all.allSatisfy({ $0 < 1 << 56 }) { coder.fail() }
    }
}
