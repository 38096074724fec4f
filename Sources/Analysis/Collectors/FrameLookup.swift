public import Capture
import Reports
public import TCPState
import Wire

/// What a frame is, looked up by its number.
public enum FrameLookup: Sendable {
    /// A TCP segment on these addresses and ports; the frame as ladders have it.
    case segment(FlowKey, frame: UInt64)
    /// No TCP segment.
    case other
    /// There is no such frame, among so many.
    case missing(frames: UInt64)
}

extension CaptureAnalysis {
    /// Reads the captures up to a frame.
    ///
    /// - Parameters:
    ///   - number: the frame's number: in its file, or over all files that follow one another in time.
    ///   - file: the file's place in the list, from 1; nil for the number over all files.
    /// - Complexity: O(n) in the frames before it.
    public func lookUp(frame number: UInt64, file: Int?) throws(CaptureError) -> FrameLookup {
        var reader = try CaptureReader(options, nil)
        let decoder = Decoder()
        var count: UInt64 = 0
        var found: FrameLookup?
        reader.forEachFrame { frame in
            count += 1
            let reference = FrameReference(rawValue: frame.reference)
            // A filter leaves numbers out; the frames of one file say their own.
            let own = file == nil && options.files.count > 1 ? count : reference.number
            guard own == number, file ?? reference.file == reference.file else {
                return true
            }
            var segment = Segment()
            let outcome = decoder.decode(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                into: &segment)
            if case .segment = outcome {
                found = .segment(FlowKey(segment), frame: reference.rawValue)
            } else {
                found = .other
            }
            return false
        }
        return found ?? .missing(frames: count)
    }
}
