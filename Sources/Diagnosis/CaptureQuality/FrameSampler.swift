internal import Coding
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

    private var recent = [FrameSample?](repeating: nil, count: 1_024)

    /// Begins with nothing.
    public init() {}

    /// Whether a frame is looked at, by its index in the run.
    public static func isDue(_ index: UInt64) -> Bool {
        index < beginning || index % stride < run
    }

    /// Looks at the frame that is due.
    ///
    /// - Parameter interface: tells interfaces of one capture apart.
    public mutating func inspect(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp,
        interface: UInt32
    ) {
        let next = due + 1
        due = Self.isDue(next) ? next : (next / Self.stride + 1) * Self.stride
        var segment = Segment()
        guard
            Decoder().decode(bytes, linkType: linkType, wireLength: wireLength, into: &segment)
                == .segment
        else { return }
        let checksum =
            FrameSample.asksForChecksum(of: segment)
            ? Decoder().checksums(bytes, linkType: linkType, wireLength: wireLength)?.transport
            : nil
        count(
            FrameSample(
                segment, missing: wireLength - bytes.count, checksum: checksum, at: time,
                interface: interface))
    }

    /// Counts a sample; those of a run in the order of their frames.
    public mutating func count(_ sample: FrameSample) {
        segments += 1
        let facts = sample.facts
        if facts.contains(.cut) { cut += 1 }
        if facts.contains(.cutOptions) { cutOptions += 1 }
        if facts.contains(.fragment) { fragments += 1 }
        if facts.contains(.payload) { withPayload += 1 }
        if facts.contains(.withoutItsPayload) { withoutItsPayload += 1 }
        if facts.contains(.superSegment) { superSegments += 1 }
        if facts.contains(.bigSegment) { bigSegments += 1 }
        if facts.contains(.soundSYN) { soundSYNs += 1 }
        if facts.contains(.brokenSYN) { brokenSYNs += 1 }
        noteCopy(sample)
    }

    private mutating func noteCopy(_ sample: FrameSample) {
        let slot = Int(sample.content >> 54)
        defer { recent[slot] = sample }
        // Without an identification, two bare acknowledgments may well be alike.
        guard let before = recent[slot], before.content == sample.content,
            before.identification == sample.identification,
            sample.time - before.time <= Self.copyTime, sample.time >= before.time,
            sample.identification != 0 || sample.facts.contains(.length)
        else { return }
        let sameSource =
            before.source == sample.source && before.sourcePort == sample.sourcePort
        let sameDestination =
            before.destination == sample.destination
            && before.destinationPort == sample.destinationPort
        if sameSource, sameDestination {
            if before.origin != sample.origin {
                taggedCopies += 1
            } else if before.timeToLive != sample.timeToLive {
                routedCopies += 1
            } else {
                copies += 1
            }
        } else if sameSource || sameDestination, sample.facts.contains(.payload),
            sample.identification != 0
        {
            translatedCopies += 1
        }
    }
}

// As bytes, to look at more frames later.
extension FrameSampler {
    /// Reads what was written, or writes.
    mutating func code(_ coder: inout BinaryCoder) {
        var counts = [
            due, segments, cut, cutOptions, withPayload, withoutItsPayload, superSegments,
            bigSegments, fragments, soundSYNs, brokenSYNs, copies, routedCopies, taggedCopies,
            translatedCopies,
        ]
        for index in counts.indices { coder(&counts[index]) }
        for slot in recent.indices {
            coder.optional(&recent[slot], FrameSample.blank) { $1(&$0) }
        }
        guard coder.isReading else { return }
        // Nothing that is counted comes near to what overflows a sum.
        guard counts.allSatisfy({ $0 < 1 << 56 }) else { return coder.fail() }
        (due, segments, cut, cutOptions, withPayload) = (
            counts[0], counts[1], counts[2], counts[3], counts[4]
        )
        (withoutItsPayload, superSegments, bigSegments) = (counts[5], counts[6], counts[7])
        (fragments, soundSYNs, brokenSYNs) = (counts[8], counts[9], counts[10])
        (copies, routedCopies) = (counts[11], counts[12])
        (taggedCopies, translatedCopies) = (counts[13], counts[14])
    }
}
