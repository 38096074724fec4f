public import Wire

/// A close look at some frames of a capture, for what connections do not remember: what was cut, what
/// went past the tap twice.
///
/// Every frame of a small capture is looked at; of a large one the beginning, and a run of frames now and
/// then. Memory: 48 KiB.
public struct FrameSampler: Sendable {
    /// So many frames are looked at from the beginning on.
    public static let beginning: UInt64 = 16_384
    /// Afterwards so many in a row…
    public static let run: UInt64 = 256
    /// …out of so many.
    public static let stride: UInt64 = 65_536
    /// A copy that comes later than this is none.
    public static let copyTime: TimeSpan = 10_000_000

    /// The index, from 0, of the next frame to be looked at.
    public private(set) var due: UInt64 = 0
    /// Frames with TCP that were looked at.
    public private(set) var segments: UInt64 = 0
    /// Of them, those captured in part, header and options complete.
    public private(set) var cut: UInt64 = 0
    /// Those whose TCP options are cut or malformed.
    public private(set) var cutOptions: UInt64 = 0
    /// Those with payload.
    public private(set) var withPayload: UInt64 = 0
    /// Those with payload of which no byte was captured.
    public private(set) var withoutItsPayload: UInt64 = 0
    /// Those with more payload than a network carries: a network card cuts or joins them.
    public private(set) var superSegments: UInt64 = 0
    /// Those longer than an IPv4 header can say: BIG TCP.
    public private(set) var bigSegments: UInt64 = 0
    /// The first fragments of IP packets.
    public private(set) var fragments: UInt64 = 0
    /// Of bare SYNs that were captured whole, those whose TCP checksum is right.
    public private(set) var soundSYNs: UInt64 = 0
    /// And those whose sum is wrong: their receiver drops them.
    public private(set) var brokenSYNs: UInt64 = 0
    /// Those that went past the tap before, in every byte that counts.
    public private(set) var copies: UInt64 = 0
    /// Those that went past before they were routed: their time to live has changed.
    public private(set) var routedCopies: UInt64 = 0
    /// Those that went past before on another VLAN, tunnel or interface.
    public private(set) var taggedCopies: UInt64 = 0
    /// Those that went past before with another address or port at one end.
    public private(set) var translatedCopies: UInt64 = 0

    private var recent = [Sighting?](repeating: nil, count: 1_024)

    /// Begins with nothing.
    public init() {}

    /// Looks at a frame.
    ///
    /// - Parameter interface: tells interfaces of one capture apart.
    public mutating func take(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32
    ) {
        let next = due + 1
        due =
            next < Self.beginning || next % Self.stride < Self.run
            ? next : (next / Self.stride + 1) * Self.stride
        var segment = Segment()
        guard
            Decoder().decode(bytes, linkType: linkType, wireLength: wireLength, into: &segment)
                == .segment
        else { return }
        segments += 1
        note(segment, missing: wireLength - bytes.count)
        if segment.flags.contains(.syn), segment.flags.isDisjoint(with: .ack) {
            switch Decoder().checksums(bytes, linkType: linkType, wireLength: wireLength)?.transport
            {
            case .correct?: soundSYNs += 1
            case .wrong?: brokenSYNs += 1
            case .notCaptured?, nil: break
            }
        }
        noteCopy(segment, at: time, interface: interface)
    }

    private mutating func note(_ segment: Segment, missing: Int) {
        if missing > 0 { cut += 1 }
        if segment.options.present.contains(.incomplete) { cutOptions += 1 }
        if segment.isFragment { fragments += 1 }
        guard segment.payloadLength > 0 else { return }
        withPayload += 1
        if missing >= Int(segment.payloadLength) { withoutItsPayload += 1 }
        if segment.payloadLength > 9_000 { superSegments += 1 }
        if segment.packetLength > 65_535 { bigSegments += 1 }
    }

    /// What a copy has in common with its original.
    private struct Sighting {
        let content: UInt64
        let time: Timestamp
        let source: Address
        let destination: Address
        let sourcePort: UInt16
        let destinationPort: UInt16
        let identification: UInt16
        let timeToLive: UInt8
        let place: UInt32
    }

    private mutating func noteCopy(_ segment: Segment, at time: Timestamp, interface: UInt32) {
        let content = Self.content(of: segment)
        let sighting = Sighting(
            content: content, time: time, source: segment.source,
            destination: segment.destination, sourcePort: segment.sourcePort,
            destinationPort: segment.destinationPort, identification: segment.identification,
            timeToLive: segment.timeToLive,
            place: segment.scope ^ interface &* 0x9e37_79b9)
        let slot = Int(content >> 54)
        defer { recent[slot] = sighting }
        // Without an identification, two bare acknowledgments may well be alike.
        guard let before = recent[slot], before.content == content,
            before.identification == sighting.identification,
            time - before.time <= Self.copyTime, time >= before.time,
            segment.identification != 0 || segment.length > 0
        else { return }
        let sameSource =
            before.source == sighting.source && before.sourcePort == sighting.sourcePort
        let sameDestination =
            before.destination == sighting.destination
            && before.destinationPort == sighting.destinationPort
        if sameSource, sameDestination {
            if before.place != sighting.place {
                taggedCopies += 1
            } else if before.timeToLive != sighting.timeToLive {
                routedCopies += 1
            } else {
                copies += 1
            }
        } else if sameSource || sameDestination, segment.payloadLength > 0,
            segment.identification != 0
        {
            translatedCopies += 1
        }
    }

    /// A mix of what no box on the way changes.
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
