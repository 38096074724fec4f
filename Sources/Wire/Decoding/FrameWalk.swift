/// The walk through the headers of one frame, to the innermost TCP header.
///
/// `rest` are the captured bytes that no header has claimed, `wire` is how many there were on the
/// wire: more where the snapshot length cut the frame.
struct FrameWalk: ~Escapable {
    /// How many headers may follow each other: far more than genuine frames have, and few enough
    /// that a hostile one costs little.
    static var headerLimit: Int { 48 }

    var rest: Span<UInt8>
    var wire: Int
    var scope = Scope()

    /// The innermost IP header so far.
    var source = Address(high: 0, low: 0)
    var destination = Address(high: 0, low: 0)
    var packetLength = 0
    var timeToLive: UInt8 = 0
    var identification: UInt16 = 0
    var isFragment = false

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, wireLength: Int) {
        rest = bytes
        wire = max(wireLength, bytes.count)
    }

    /// Reads header after header.
    @_lifetime(self: copy self)
    mutating func run(
        _ linkType: LinkType, into segment: inout Segment
    ) throws(HeaderError) -> Decoder.Outcome {
        var next = Next.link(linkType)
        for _ in 0..<Self.headerLimit {
            switch next {
            case .link(let linkType): next = try readLink(linkType)
            case .etherType(let type): next = try readEtherType(type)
            case .ethernet: next = try readEthernet()
            case .llc: next = try readLLC()
            case .ip: next = try readIP()
            case .ipv4: next = try readIPv4()
            case .ipv6: next = try readIPv6()
            case .transport(let number, let isIPv6):
                next = try readTransport(number, isIPv6: isIPv6)
            case .tcp:
                try readTCP(into: &segment)
                return .segment
            case .icmp(let family): return readICMP(family, into: &segment)
            case .end(let reason): return .setAside(reason)
            }
        }
        return .setAside(.nestedTooDeep)
    }

    /// What the header just read announces.
    enum Next {
        case link(LinkType)
        case etherType(EtherType)
        case ethernet, llc
        case ip, ipv4, ipv6
        case transport(IPProtocol, isIPv6: Bool)
        case tcp
        case icmp(ICMPError.Family)
        case end(SetAside)
    }

    /// Passes over `length` bytes, as far as there are so many.
    @_lifetime(self: copy self)
    mutating func drop(_ length: Int) {
        rest = rest.from(length)
        wire = max(wire - length, 0)
    }

    /// Forgets what lies beyond `length` bytes: padding and trailers. Where that is more than the frame
    /// has, the inner header knows better than a wire length that someone cut.
    @_lifetime(self: copy self)
    mutating func limit(to length: Int) {
        rest = rest.upTo(length)
        wire = length
    }
}
