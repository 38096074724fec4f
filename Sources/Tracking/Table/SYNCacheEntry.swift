public import TCPState
public import Wire

/// A connection of which nothing was seen but one SYN: all that it takes to begin it again.
///
/// A flood makes millions of these. They take a tenth of a flow's memory (``SYNCache``), and most of them never become one.
public struct SYNCacheEntry: Sendable {
    /// The addresses and ports.
    public let key: FlowKey
    /// See ``Flow/scopes``: that of the SYN's direction.
    public let scope: UInt32
    /// The connection's number in the run.
    public let serial: UInt32
    /// The number of its stream.
    public let stream: UInt32
    /// When the SYN went past.
    public let time: Timestamp
    /// The SYN's frame.
    public let frame: UInt64

    @usableFromInline let sequenceNumber: SequenceNumber
    @usableFromInline let timestampValue: UInt32
    @usableFromInline let flags: TCPFlags
    @usableFromInline let window: UInt16
    @usableFromInline let packetLength: UInt16
    @usableFromInline let identification: UInt16
    @usableFromInline let maximumSegmentSize: UInt16
    @usableFromInline let hardwareSource: UInt16
    @usableFromInline let options: TCPOptions.Present
    @usableFromInline let windowScale: UInt8
    @usableFromInline let timeToLive: UInt8
    /// Which end sent the SYN.
    public let sender: Side
    /// Whether there are other connections on its key: see ``Siblings``.
    @usableFromInline var isShared = false

    /// Keeps a SYN; nil if it is one of which more must be kept.
    @inlinable
    public init?(
        _ segment: Segment, key: FlowKey, sender: Side, scope: UInt32, serial: UInt32,
        stream: UInt32, at time: Timestamp, frame: UInt64
    ) {
        guard segment.flags.contains(.syn), segment.flags.isSubset(of: [.syn, .ece, .cwr]),
            segment.payloadLength == 0, segment.packetLength <= UInt16.max, !segment.isFragment,
            segment.options.present.isDisjoint(with: [.sack, .fastOpen]),
            // RFC 7323, section 3.2: it has no meaning in a SYN.
            segment.options.timestampEcho == 0, !segment.isSelfConnect
        else { return nil }
        self.key = key
        self.sender = sender
        self.scope = scope
        self.serial = serial
        self.stream = stream
        self.time = time
        self.frame = frame
        sequenceNumber = segment.sequenceNumber
        flags = segment.flags
        window = segment.window
        packetLength = UInt16(segment.packetLength)
        identification = segment.identification
        timeToLive = segment.timeToLive
        options = segment.options.present
        windowScale = segment.options.windowScale
        maximumSegmentSize = segment.options.maximumSegmentSize
        hardwareSource = segment.hardwareSource
        timestampValue = segment.options.timestampValue
    }

    @inlinable
    init(_ packed: PackedSYN, _ key: FlowKey) {
        self.key = key
        sender = packed.sender
        scope = packed.scope
        serial = packed.serial
        stream = packed.stream
        time = packed.time
        frame = packed.frame
        sequenceNumber = packed.sequenceNumber
        flags = TCPFlags(rawValue: UInt16(truncatingIfNeeded: packed.bits & 0x1ff))
        window = packed.window
        packetLength = packed.packetLength
        identification = packed.identification
        timeToLive = packed.timeToLive
        options = TCPOptions.Present(
            rawValue: UInt16(truncatingIfNeeded: packed.bits >> 9 & 0x1ff))
        windowScale = UInt8(truncatingIfNeeded: packed.bits >> 18)
        maximumSegmentSize = packed.maximumSegmentSize
        hardwareSource = packed.hardwareSource
        timestampValue = packed.timestampValue
        isShared = packed.isShared
    }

    /// The SYN, but for what no connection looks at: see ``init(_:key:sender:scope:serial:stream:at:frame:)``.
    public var segment: Segment {
        var segment = Segment()
        segment.source = key.address(sender)
        segment.destination = key.address(sender.peer)
        segment.sourcePort = key.port(sender)
        segment.destinationPort = key.port(sender.peer)
        segment.sequenceNumber = sequenceNumber
        segment.flags = flags
        segment.window = window
        segment.packetLength = UInt32(packetLength)
        segment.identification = identification
        segment.timeToLive = timeToLive
        segment.hardwareSource = hardwareSource
        segment.options.present = options
        segment.options.windowScale = windowScale
        segment.options.maximumSegmentSize = maximumSegmentSize
        segment.options.timestampValue = timestampValue
        return segment
    }
}
