public import Wire

/// What became of every frame: frames read = segments tracked + frames set aside, by reason.
public struct FrameCounts: Sendable {
    /// Frames read.
    public var frames: UInt64 = 0
    /// Frames that gave a TCP segment.
    public var segments: UInt64 = 0
    /// Frames set aside, in the order of `SetAside.allCases`.
    @usableFromInline var setAside: [UInt64]
    /// Bytes on the wire.
    public var wireBytes: UInt64 = 0
    /// The earliest time stamp; nil before the first frame.
    public var first: Timestamp? { frames == 0 ? nil : earliest }
    /// The latest time stamp; nil before the first frame.
    public var last: Timestamp? { frames == 0 ? nil : latest }
    @usableFromInline var earliest = Timestamp(nanoseconds: .max)
    @usableFromInline var latest = Timestamp(nanoseconds: .min)
    /// Frames whose time stamp lies before the previous frame's.
    public var framesBackInTime: UInt64 = 0
    /// Connections found.
    public var connections: UInt64 = 0
    /// Connections that had to leave a full table, by what they were.
    public var evictions = Evictions()

    /// Connections evicted from a full table.
    public struct Evictions: Sendable {
        /// Both ends closed: their results are complete.
        public var closed: UInt64 = 0
        /// Never established: the work of a flood, as a rule.
        public var halfOpen: UInt64 = 0
        /// All others.
        public var open: UInt64 = 0

        /// All of them.
        public var total: UInt64 { closed + halfOpen + open }
    }

    /// An empty account.
    @inlinable
    public init() {
        setAside = Array(repeating: 0, count: SetAside.allCases.count)
    }

    /// Frames set aside for a reason.
    public subscript(reason: SetAside) -> UInt64 {
        setAside[FrameCounts.position(reason)]
    }

    /// Frames set aside, for any reason.
    public var totalSetAside: UInt64 { setAside.reduce(0, +) }

    /// Counts a frame, and follows the clock, which never runs back.
    @inlinable @inline(__always)
    mutating func countFrame(wireLength: Int, at time: Timestamp) {
        frames &+= 1
        wireBytes &+= UInt64(truncatingIfNeeded: wireLength)
        guard time < latest else {
            if frames == 1 { earliest = time }
            latest = time
            return
        }
        framesBackInTime &+= 1
        earliest = min(earliest, time)
    }

    /// Adds what was in frames that are counted here.
    public mutating func addContents(of frames: FrameCounts) {
        segments &+= frames.segments
        for index in setAside.indices { setAside[index] &+= frames.setAside[index] }
    }

    /// Takes over what is known of all frames of the run; its own connections stay.
    mutating func includeFrames(_ all: FrameCounts) {
        let own = self
        self = all
        add(own)
    }

    @inlinable
    mutating func count(_ reason: SetAside) {
        setAside[FrameCounts.position(reason)] += 1
    }

    @usableFromInline
    static func position(_ reason: SetAside) -> Int {
        SetAside.allCases.firstIndex(of: reason)!
    }
}
