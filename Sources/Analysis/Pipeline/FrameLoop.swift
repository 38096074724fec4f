import Capture
import Reports
import Tracking
import Wire

// The loops that pull frames out of a reader. Of those that track connections, one leaves segments queued, which is
// faster; the other shows the tracker to an observer after each frame.
extension Tracker {
    /// Receives all frames of a reader.
    mutating func receiveAll(
        of reader: inout CaptureReader, _ probe: inout CaptureQualityProbe,
        _ progress: (@Sendable (ReadProgress) -> Void)?
    ) {
        let total = reader.totalBytes
        var count: UInt64 = 0
        var nextReport: UInt64 = progress == nil ? .max : 0
        while true {
            if count == nextReport {
                progress?(reader.progress(count, of: total))
                nextReport = count + 0x4000
            }
            guard let frame = reader.next() else { break }
            probe.pass(frame, index: count, after: counts.last)
            enqueue(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference)
            count &+= 1
        }
        finishReceiving(reader, count, of: total, progress)
    }

    /// Receives all frames of a reader, one after the other: no segment is left queued while a file is waited for
    /// or a caller looks at the tracker.
    ///
    /// - Parameters:
    ///   - before: is shown the tracker before each frame, and the frame's time.
    ///   - after: is shown the tracker and the frame after each, by the name that reports have for it.
    mutating func receiveEach(
        of reader: inout CaptureReader, _ probe: inout CaptureQualityProbe,
        _ progress: (@Sendable (ReadProgress) -> Void)?, _ follower: FileFollower?,
        before: ((inout Tracker, Timestamp) -> Void)?,
        after: ((inout Tracker, borrowing Frame, UInt64) -> Void)?
    ) {
        let total = reader.totalBytes
        var count: UInt64 = 0
        while true {
            if count & 0x3fff == 0 {
                progress?(reader.progress(count, of: total))
                follower?.look()
                if follower?.isInterrupted == true { break }
            }
            guard let frame = reader.next() else { break }
            probe.pass(frame, index: count, after: counts.last)
            before?(&self, frame.timestamp)
            receive(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference)
            after?(&self, frame, frame.reference)
            count &+= 1
        }
        finishReceiving(reader, count, of: total, progress)
    }

    /// What follows the last frame.
    private mutating func finishReceiving(
        _ reader: borrowing CaptureReader, _ count: UInt64, of total: Int64?,
        _ progress: (@Sendable (ReadProgress) -> Void)?
    ) {
        flush()
        counts.framesBackInTime &+= reader.framesSorted
        progress?(reader.progress(count, of: total, isComplete: true))
    }
}

extension CaptureReader {
    /// Calls `body` with every frame and its index, from 0.
    mutating func forEachFrame(
        _ progress: (@Sendable (ReadProgress) -> Void)?, _ body: (borrowing Frame, UInt64) -> Void
    ) {
        let total = totalBytes
        var count: UInt64 = 0
        while true {
            if count & 0x3fff == 0 { progress?(self.progress(count, of: total)) }
            guard let frame = next() else { break }
            body(frame, count)
            count &+= 1
        }
        progress?(self.progress(count, of: total, isComplete: true))
    }

    /// Calls `body` with each frame until it returns false.
    mutating func forEachFrame<Failure: Error>(
        while body: (borrowing Frame) throws(Failure) -> Bool
    ) throws(Failure) {
        while let frame = next() {
            guard try body(frame) else { return }
        }
    }

    /// How far it has come.
    func progress(_ frames: UInt64, of total: Int64?, isComplete: Bool = false) -> ReadProgress {
        ReadProgress(
            bytes: bytesRead, totalBytes: total, frames: frames, isComplete: isComplete)
    }
}

extension Frame {
    /// What the tracker and reports call it.
    var reference: UInt64 { FrameReference(file: file, number: number).rawValue }
}
