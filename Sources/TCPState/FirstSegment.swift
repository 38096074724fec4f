public import Wire

/// What an end's first segment looked like that is no RST: most often its SYN.
public struct FirstSegment: Sendable {
    /// When it went past.
    public var time = Timestamp(nanoseconds: 0)
    /// SEG.ACK.
    public internal(set) var acknowledgmentNumber = SequenceNumber(0)
    /// TSval.
    public internal(set) var timestampValue: UInt32 = 0
    /// SEG.WND as it stands in the header.
    public var window: UInt16 = 0
    /// The maximum segment size that it offers, in bytes; 0 without one.
    public internal(set) var maximumSegmentSize: UInt16 = 0
    /// IP identification.
    public internal(set) var identification: UInt16 = 0
    /// The control bits.
    public internal(set) var flags: TCPFlags = []
    /// The options.
    public internal(set) var options: TCPOptions.Present = []
    /// Of a SYN, a hash of its sender's hardware address; else 0.
    public internal(set) var hardwareSource: UInt16 = 0
    /// Time to live.
    public var timeToLive: UInt8 = 0

    @usableFromInline init() {}

    @usableFromInline
    init(_ segment: Segment, at time: Timestamp) {
        self.time = time
        acknowledgmentNumber = segment.acknowledgmentNumber
        timestampValue =
            segment.options.present.contains(.timestamps) ? segment.options.timestampValue : 0
        window = segment.window
        maximumSegmentSize =
            segment.options.present.contains(.maximumSegmentSize)
            ? segment.options.maximumSegmentSize : 0
        identification = segment.identification
        flags = segment.flags
        options = segment.options.present
        timeToLive = segment.timeToLive
        hardwareSource = segment.hardwareSource
    }
}
