public import Wire

/// What was read: frames = segments + frames set aside.
public struct InputSummary: Sendable {
    /// The files' names, as they were given.
    public var files: [String] = []
    /// How their frames are named.
    public var numbering = FrameNumbering.oneFile
    /// Whether a file has all of them, so that Wireshark numbers their streams alike.
    public var isInFile = true
    /// Frames read, those that the filter skipped left out.
    public var frames: UInt64 = 0
    /// Frames that gave a TCP segment.
    public var segments: UInt64 = 0
    /// Frames that the filter skipped.
    public var skipped: UInt64 = 0
    /// Frames set aside, by the names of `SetAside`, those with frames only.
    public var setAside: [(reason: SetAside, frames: UInt64)] = []
    /// Bytes on the wire.
    public var wireBytes: UInt64 = 0
    /// The earliest time stamp.
    public var first: Timestamp?
    /// The latest time stamp.
    public var last: Timestamp?
    /// Connections found.
    public var connections: UInt64 = 0
    /// Connections that had to leave a full table early.
    public var evicted: UInt64 = 0
    /// Packets that the capture itself lost, as its file says; nil where it says nothing.
    public var dropped: UInt64?
    /// Frames whose time stamp lies before the previous one's.
    public var framesBackInTime: UInt64 = 0

    /// What was wrong with the files, a sentence each.
    public var problems: [String] = []

    /// Nothing read.
    public init() {}

    /// The time from the first frame to the last.
    public var span: TimeSpan {
        guard let first, let last else { return 0 }
        return last - first
    }

    /// Frames set aside, for any reason.
    public var totalSetAside: UInt64 { setAside.reduce(0) { $0 + $1.frames } }
}
