/// Turns frames into segments.
///
/// The common frame (Ethernet with at most one VLAN tag, IPv4 without options or IPv6 without extension
/// headers, TCP) is read by straight-line code; every other one by a walk from header to header that
/// ends at the innermost TCP header. Neither allocates, and no input traps.
public struct Decoder: Sendable {
    /// What a frame turned out to be.
    public enum Outcome: Equatable, Sendable {
        /// A TCP segment, now in the caller's storage.
        case segment
        /// None, for this reason; the caller's storage is undefined.
        case setAside(SetAside)
        /// An ICMP error; the segment it quotes is in the caller's storage, as far as it is quoted. The
        /// frame counts as set aside under ``SetAside/icmp``.
        case icmpError(ICMPError)
    }

    /// A decoder with default options.
    @inlinable
    public init() {}

    /// Reads one frame.
    ///
    /// - Parameters:
    ///   - bytes: The captured bytes, from the start of the link-layer header.
    ///   - linkType: What that header is.
    ///   - wireLength: Length of the frame on the wire in bytes; values below the captured count are
    ///     read as that count.
    ///   - segment: Filled for ``Outcome/segment`` and ``Outcome/icmpError(_:)``.
    @inlinable @inline(__always)
    public func decode(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, into segment: inout Segment
    ) -> Outcome {
        // Every segment is wanted, so there is an outcome.
        decode(
            bytes, linkType: linkType, wireLength: wireLength, into: &segment, where: { _ in true })
            ?? .segment
    }

    /// Reads one frame as ``decode(_:linkType:wireLength:into:)`` does, but leaves a segment that is not
    /// wanted as soon as that shows: then there is no outcome, and the frame did hold a segment.
    ///
    /// - Parameter isWanted: Judges by addresses, ports and control bits; more need not be in the segment yet.
    @inlinable @inline(__always)
    public func decode(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, into segment: inout Segment,
        where isWanted: (borrowing Segment) -> Bool
    ) -> Outcome? {
        if linkType == .ethernet {
            switch Self.decodeCommon(bytes, into: &segment, where: isWanted) {
            case .wanted: return .segment
            case .unwanted: return nil
            case .uncommon: break
            }
        }
        let outcome = Self.decodeLayers(
            bytes, linkType: linkType, wireLength: wireLength, into: &segment)
        if outcome == .segment, !isWanted(segment) { return nil }
        return outcome
    }

    /// The way for every frame that ``decodeCommon(_:into:where:)`` leaves alone.
    @usableFromInline
    static func decodeLayers(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, into segment: inout Segment
    ) -> Outcome {
        var parser = FrameParser(bytes, wireLength: wireLength)
        do {
            switch try parser.run(linkType) {
            case .tcp:
                try parser.readTCP(into: &segment)
                return .segment
            case .icmp(let family):
                return parser.readICMP(family, into: &segment).map { .icmpError($0) }
                    ?? .setAside(.icmp)
            case .setAside(let reason): return .setAside(reason)
            }
        } catch {
            return .setAside(parser.reason(for: error))
        }
    }
}
