public import Coding
public import Wire

/// What a ``FrameSampler`` sees in one frame with TCP.
public struct FrameSample: Sendable {
    /// What is counted.
    struct Facts: OptionSet {
        let rawValue: UInt16

        /// Not all of it was captured.
        static let cut = Facts(rawValue: 1)
        static let cutOptions = Facts(rawValue: 2)
        static let fragment = Facts(rawValue: 4)
        static let payload = Facts(rawValue: 8)
        static let withoutItsPayload = Facts(rawValue: 16)
        static let superSegment = Facts(rawValue: 32)
        static let bigSegment = Facts(rawValue: 64)
        static let soundSYN = Facts(rawValue: 128)
        static let brokenSYN = Facts(rawValue: 256)
        /// It takes sequence numbers.
        static let length = Facts(rawValue: 512)
    }

    private(set) var facts: Facts = []
    /// A mix of what no box on the way changes.
    private(set) var content: UInt64 = 0
    private(set) var time = Timestamp(nanoseconds: 0)
    private(set) var source = Address(high: 0, low: 0)
    private(set) var destination = Address(high: 0, low: 0)
    private(set) var sourcePort: UInt16 = 0
    private(set) var destinationPort: UInt16 = 0
    private(set) var identification: UInt16 = 0
    private(set) var timeToLive: UInt8 = 0
    /// VLAN, tunnel and interface, mixed.
    private(set) var origin: UInt32 = 0

    /// Looks at a segment.
    ///
    /// - Parameters:
    ///   - missing: bytes of its frame that were not captured.
    ///   - checksum: the verdict on its TCP checksum, if it is one that ``asksForChecksum(of:)``.
    ///   - interface: tells interfaces of one capture apart.
    public init(
        _ segment: Segment, missing: Int, checksum: ChecksumVerdict?, at time: Timestamp,
        interface: UInt32
    ) {
        if missing > 0 { facts.insert(.cut) }
        if segment.options.present.contains(.incomplete) { facts.insert(.cutOptions) }
        if segment.isFragment { facts.insert(.fragment) }
        if segment.length > 0 { facts.insert(.length) }
        if segment.payloadLength > 0 {
            facts.insert(.payload)
            if missing >= Int(segment.payloadLength) { facts.insert(.withoutItsPayload) }
            if segment.payloadLength > 9_000 { facts.insert(.superSegment) }
            if segment.packetLength > 65_535 { facts.insert(.bigSegment) }
        }
        switch checksum {
        case .correct?: facts.insert(.soundSYN)
        case .wrong?: facts.insert(.brokenSYN)
        case .notCaptured?, nil: break
        }
        content = Self.content(of: segment)
        self.time = time
        source = segment.source
        destination = segment.destination
        sourcePort = segment.sourcePort
        destinationPort = segment.destinationPort
        identification = segment.identification
        timeToLive = segment.timeToLive
        origin = segment.scope ^ interface &* 0x9e37_79b9
    }

    /// Whether the checksum of a segment tells something: of a bare SYN.
    public static func asksForChecksum(of segment: borrowing @_addressable Segment) -> Bool {
        segment.flags.contains(.syn) && segment.flags.isDisjoint(with: .ack)
    }

    private static func content(of segment: Segment) -> UInt64 {
        var hash: UInt64 = 0
        func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15 ^ hash >> 29 }
        mix(
            UInt64(segment.sequenceNumber.rawValue) << 32
                | UInt64(segment.acknowledgmentNumber.rawValue))
        mix(
            UInt64(segment.payloadLength) << 32 | UInt64(segment.flags.rawValue) << 16
                | UInt64(segment.window))
        if segment.options.present.contains(.timestamps) {
            mix(
                UInt64(segment.options.timestampValue) << 32 | UInt64(segment.options.timestampEcho)
            )
        }
        return hash &* 0xd6e8_feb8_6659_fd93
    }
}

extension FrameSample: BinaryCodable {
    /// What reading begins with.
    static var blank: FrameSample {
        FrameSample(
            Segment(), missing: 0, checksum: nil, at: Timestamp(nanoseconds: 0), interface: 0)
    }

    /// Reads what ``encode(to:)`` wrote.
    public init(from coder: inout BinaryCoder) {
        self = .blank
        code(&coder)
    }

    /// All of the sample.
    public mutating func code(_ coder: inout BinaryCoder) {
        coder(&facts)
        coder(&content)
        coder(&time)
        coder.timeOrigin = time.nanoseconds
        coder(&source)
        coder(&destination)
        coder(&sourcePort)
        coder(&destinationPort)
        coder(&identification)
        coder(&timeToLive)
        coder(&origin)
    }
}
