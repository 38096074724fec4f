public import TCPState
public import Wire

/// One segment as a tap saw it: 48 bytes, and none of its payload but a digest.
public struct TapSegment: Sendable {
    /// When it passed the tap, by the tap's clock.
    public let time: Timestamp
    /// The tap's frame, as the caller names it.
    public let frame: UInt64
    /// Its connection's index in ``Tap/connections``.
    public let connection: UInt32
    /// SEG.SEQ.
    public let sequenceNumber: SequenceNumber
    /// SEG.ACK.
    public let acknowledgmentNumber: SequenceNumber
    /// Payload bytes on the wire.
    public let payloadLength: UInt32
    /// TSval; 0 where the segment has no time stamps.
    public let timestampValue: UInt32
    /// What is known of the payload; of a segment without any, the digest of its first SACK block.
    let digest: PayloadDigest
    /// SEG.WND, not scaled.
    public let window: UInt16
    /// IPv4 identification; 0 for IPv6.
    public let identification: UInt16
    /// IPv4 time to live or IPv6 hop limit.
    public let timeToLive: UInt8
    /// The TCP checksum's two bytes, folded: tells copies apart that differ in nothing else that is kept. A sender's tap
    /// may see it before the network card has filled it in.
    let checksum: UInt8
    private let flagBits: UInt8
    private let traits: Traits

    private struct Traits: OptionSet {
        let rawValue: UInt8
        static let high = Traits(rawValue: 1)
        static let timestamps = Traits(rawValue: 2)
    }

    /// - Parameter transport: the captured bytes from the TCP header on.
    init(
        _ segment: borrowing Segment, _ transport: Span<UInt8>, from side: Side,
        connection: UInt32, at time: Timestamp, frame: UInt64
    ) {
        self.time = time
        self.frame = frame
        self.connection = connection
        checksum = transport.count >= 18 ? transport[16] ^ transport[17] : 0
        if segment.payloadLength == 0 {
            digest = PayloadDigest(segment.options)
        } else {
            let header = transport.count > 12 ? Int(transport[12] >> 4) * 4 : 0
            digest = PayloadDigest(
                transport.extracting(droppingFirst: min(header, transport.count)),
                length: Int(segment.payloadLength))
        }
        sequenceNumber = segment.sequenceNumber
        acknowledgmentNumber = segment.acknowledgmentNumber
        payloadLength = segment.payloadLength
        window = segment.window
        identification = segment.identification
        timeToLive = segment.timeToLive
        flagBits = UInt8(truncatingIfNeeded: segment.flags.rawValue)
        var traits: Traits = side == .high ? .high : []
        if segment.options.present.contains(.timestamps) {
            traits.insert(.timestamps)
            timestampValue = segment.options.timestampValue
        } else {
            timestampValue = 0
        }
        self.traits = traits
    }

    /// Which end of its connection sent it, by the addresses in its header.
    public var side: Side { traits.contains(.high) ? .high : .low }
    /// The control bits, AE left out.
    public var flags: TCPFlags { TCPFlags(rawValue: UInt16(flagBits)) }
    /// Whether it carries time stamps.
    public var hasTimestamps: Bool { traits.contains(.timestamps) }
    /// SEG.LEN. RFC 9293, section 3.4.
    public var length: UInt32 {
        payloadLength &+ (flags.contains(.syn) ? 1 : 0) &+ (flags.contains(.fin) ? 1 : 0)
    }
    /// The sequence number after it.
    public var endSequenceNumber: SequenceNumber { sequenceNumber + length }
    /// Whether it takes up sequence numbers.
    var isSequenced: Bool { length > 0 }
    /// The control bits by which segments are told apart.
    var control: TCPFlags { flags.intersection([.syn, .fin, .rst]) }
}

/// Two hashes of 16 bits: of the payload's first 16 bytes, and of the 32 that follow.
///
/// Each is known only where the capture has all of its bytes, so that taps with different snapshot lengths agree on
/// what both have. The hash is FNV-1a, folded: it compares honest copies and withstands nobody.
struct PayloadDigest: Sendable {
    private let head: UInt16
    private let tail: UInt16

    /// Bytes from the payload's beginning that are looked at.
    static let reach = 48

    /// Where the first hash ends.
    private static let split = 16
    /// Stands for a hash that is not known.
    private static let unknown: UInt16 = 0

    /// - Parameters:
    ///   - bytes: the payload as far as it was captured.
    ///   - length: how long it was on the wire.
    init(_ bytes: Span<UInt8>, length: Int) {
        head = PayloadDigest.hash(bytes, from: 0, to: min(PayloadDigest.split, length))
        tail = PayloadDigest.hash(
            bytes, from: PayloadDigest.split, to: min(PayloadDigest.reach, length))
    }

    /// - Parameter options: the options of a segment without payload.
    init(_ options: TCPOptions) {
        tail = PayloadDigest.unknown
        guard options.present.contains(.sack), !options.present.contains(.incomplete) else {
            head = PayloadDigest.unknown
            return
        }
        let edges = UInt64(options.sackLeft.rawValue) << 32 | UInt64(options.sackRight.rawValue)
        head = UInt16(truncatingIfNeeded: (edges &* 0x9e37_79b9_7f4a_7c15) >> 48) | 1
    }

    private static func hash(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt16 {
        guard end > start, bytes.count >= end else { return unknown }
        var state: UInt32 = 0x811c_9dc5
        for index in start..<end { state = (state ^ UInt32(bytes[index])) &* 0x0100_0193 }
        return UInt16(truncatingIfNeeded: state ^ state >> 16) | 1
    }

    /// Whether both know a part of the payload, and it is not the same.
    func contradicts(_ other: PayloadDigest) -> Bool {
        PayloadDigest.differ(head, other.head) || PayloadDigest.differ(tail, other.tail)
    }

    /// How many bits of equal hashes speak for one payload.
    func agreement(_ other: PayloadDigest) -> Int {
        if contradicts(other) { return 0 }
        return (head != 0 && head == other.head ? 15 : 0)
            + (tail != 0 && tail == other.tail ? 15 : 0)
    }

    /// Both hashes as one number; 0 where nothing is known.
    var value: UInt32 { UInt32(head) << 16 | UInt32(tail) }

    private static func differ(_ a: UInt16, _ b: UInt16) -> Bool {
        a != unknown && b != unknown && a != b
    }
}
