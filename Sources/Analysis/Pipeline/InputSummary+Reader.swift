import Capture
public import Reports
public import Tracking
import Wire

extension InputSummary {
    init(_ files: [String], _ counts: FrameCounts, _ reader: borrowing CaptureReader) {
        self.init(counts)
        self.files = files
        numbering = FrameNumbering(before: reader.framesBefore)
        skipped = reader.framesSkipped
        dropped = reader.lostPackets
        problems = reader.problems.map { "\($0)" }
    }

    /// What a tracker counted.
    public init(_ counts: FrameCounts) {
        self.init()
        frames = counts.frames
        segments = counts.segments
        setAside = SetAside.allCases.filter { counts[$0] > 0 }.map { ($0, counts[$0]) }
        wireBytes = counts.wireBytes
        first = counts.first
        last = counts.last
        connections = counts.connections
        evicted = counts.evictions.total
        framesBackInTime = counts.framesBackInTime
    }
}
