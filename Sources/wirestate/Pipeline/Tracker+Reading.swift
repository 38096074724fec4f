import Capture
import Reports
import Tracking
import Wire

extension Tracker {
    /// Takes all frames of a reader.
    mutating func takeAll(
        of reader: inout CaptureReader, _ watch: inout CaptureQualityProbe, showsProgress: Bool
    ) {
        var progress = Progress(total: showsProgress ? reader.totalBytes : nil)
        var count: UInt64 = 0
        while true {
            if count & 0x3fff == 0, showsProgress {
                progress.show(reader.bytesRead, frames: count)
            }
            guard let frame = reader.next() else { break }
            if count == watch.dueFrame || frame.timestamp >= watch.dueTime {
                watch.look(frame, index: count, after: account.last)
            }
            enqueue(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference)
            count &+= 1
        }
        flush()
        progress.end()
    }

    /// Takes all frames of a reader, one after the other: while a file is waited for, or somebody looks on,
    /// no segment shall wait with it.
    ///
    /// - Parameters:
    ///   - before: is shown the tracker before each frame, and the frame's time.
    ///   - after: is shown the tracker and the frame after each, by the name that reports have for it.
    mutating func takeEach(
        of reader: inout CaptureReader, _ watch: inout CaptureQualityProbe,
        _ follower: FileFollower?,
        before: ((inout Tracker, Timestamp) -> Void)?,
        after: ((inout Tracker, borrowing Frame, UInt64) -> Void)?
    ) {
        var progress = Progress(total: reader.totalBytes)
        var count: UInt64 = 0
        while true {
            if count & 0x3fff == 0 {
                progress.show(reader.bytesRead, frames: count)
                follower?.look()
                if follower?.isInterrupted == true { break }
            }
            guard let frame = reader.next() else { break }
            if count == watch.dueFrame || frame.timestamp >= watch.dueTime {
                watch.look(frame, index: count, after: account.last)
            }
            before?(&self, frame.timestamp)
            take(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.timestamp, interface: frame.interface, frame: frame.reference)
            after?(&self, frame, frame.reference)
            count &+= 1
        }
        flush()
        progress.end()
    }
}

extension Frame {
    /// What the tracker and reports call it.
    var reference: UInt64 { FrameReference(file: file, number: number).rawValue }
}
