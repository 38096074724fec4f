import Capture
import Coding
import Diagnosis
import Wire

/// Looks at the capture itself while its frames go by: at some frames closely, at its clock, and at all
/// checksums where they are asked for.
struct CaptureQualityProbe {
    /// The index, from 0, of the next frame to look at whatever its time.
    private var dueFrame: UInt64
    /// A frame of this time or a later one is to be looked at.
    private var dueTime: Timestamp
    private var frames = FrameSampler()
    private var times = ClockGapDetector()
    private var checksums: ChecksumStatistics?

    /// - Parameter verifiesChecksums: whether to judge every frame's checksums, at the price of reading it whole.
    init(verifiesChecksums: Bool) {
        dueFrame = 0
        dueTime = Timestamp(nanoseconds: .min)
        if verifiesChecksums { checksums = ChecksumStatistics() }
    }

    /// Looks at a frame, if it is due.
    ///
    /// - Parameters:
    ///   - index: its place in the run, from 0.
    ///   - last: the latest time before it; nil for the first frame.
    @inline(__always)
    mutating func pass(
        _ frame: borrowing Frame, index: UInt64, after last: @autoclosure () -> Timestamp?
    ) {
        if index == dueFrame || frame.timestamp >= dueTime {
            inspect(
                frame.bytes, frame.linkType, wireLength: frame.wireLength, at: frame.timestamp,
                interface: frame.interface, file: frame.file, index: index, after: last())
        }
    }

    /// Whether ``pass(_:index:after:)`` would look at a frame.
    @inline(__always)
    func isDue(_ index: UInt64, _ time: Timestamp) -> Bool {
        index == dueFrame || time >= dueTime
    }

    /// Out of line, and the frame in its parts: the loop over all frames keeps them in registers.
    @inline(never)
    private mutating func inspect(
        _ bytes: Span<UInt8>, _ linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32, file: UInt16, index: UInt64, after last: Timestamp?
    ) {
        if time >= times.due {
            times.inspect(time, after: last, file: file)
            dueTime = times.due
        }
        if index == frames.due {
            frames.inspect(
                bytes, linkType: linkType, wireLength: wireLength, at: time, interface: interface)
            dueFrame = frames.due
        }
        if checksums != nil {
            checksums?.inspect(bytes, linkType: linkType, wireLength: wireLength)
            dueFrame = index + 1
        }
    }

    /// Writes what it saw, or reads it in the place of nothing.
    ///
    /// - Parameter framesRead: how many frames went by.
    mutating func code(_ records: inout some RecordCoder, framesRead: UInt64) {
        var quality = quality
        records.record { quality.codeProbe(&$0) }
        guard records.isReading else { return }
        (frames, times) = (quality.frames, quality.times)
        if checksums != nil { checksums = quality.checksums ?? ChecksumStatistics() }
        dueFrame = checksums == nil ? frames.due : framesRead
        dueTime = times.due
    }

    /// What it saw, without any connection.
    var quality: CaptureQuality {
        var quality = CaptureQuality()
        quality.frames = frames
        quality.times = times
        quality.checksums = checksums
        return quality
    }
}
