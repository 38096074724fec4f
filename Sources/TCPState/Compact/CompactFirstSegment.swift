internal import Wire

/// What is kept of the first segment of an end, in 12 bytes.
struct CompactFirstSegment: Sendable {
    /// From the lowest bit: the time to live (8), the control bits (9), the options (15).
    private let bits: UInt32
    private let window: UInt16
    private let maximumSegmentSize: UInt16
    private let identification: UInt16
    private let hardwareSource: UInt16

    init(_ first: FirstSegment) {
        bits =
            UInt32(first.timeToLive) | UInt32(first.flags.rawValue) << 8
            | UInt32(first.options.rawValue) << 17
        window = first.window
        maximumSegmentSize = first.maximumSegmentSize
        identification = first.identification
        hardwareSource = first.hardwareSource
    }

    func copy(to first: inout FirstSegment) {
        first.window = window
        first.maximumSegmentSize = maximumSegmentSize
        first.identification = identification
        first.options = TCPOptions.Present(rawValue: UInt16(bits >> 17))
        first.hardwareSource = hardwareSource
        first.flags = TCPFlags(rawValue: UInt16(bits >> 8 & 0x1ff))
        first.timeToLive = UInt8(bits & 0xff)
    }
}

extension Endpoint {
    /// Whether the first copy of its SYN is its first segment.
    var controlIsFirst: Bool {
        @_addressableSelf get {
            first.flags.contains(.syn) && controlSeen == first.time
                && (!first.options.contains(.timestamps)
                    || controlTimestamp == first.timestampValue)
        }
    }
}
