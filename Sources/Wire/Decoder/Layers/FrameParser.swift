/// The walk through the headers of one frame, to the innermost TCP header.
///
/// `rest` are the captured bytes that no header has claimed, `wire` is how many there were on the
/// wire: more where the snapshot length cut the frame.
struct FrameParser: ~Escapable {
    /// How many headers may follow each other: far more than genuine frames have, and few enough
    /// that a hostile one costs little.
    static var headerLimit: Int { 48 }

    var rest: Span<UInt8>
    var wire: Int
    var scope = Scope()

    /// The innermost IP packet so far, from its first byte to its last captured one.
    var packet: Span<UInt8>
    /// What its header says.
    var source = Address(high: 0, low: 0)
    var destination = Address(high: 0, low: 0)
    var packetLength = 0
    var timeToLive: UInt8 = 0
    var identification: UInt16 = 0
    var isFragment = false
    /// The sender's hardware address in the innermost link header; nil where none has one.
    var hardware: UInt64?

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, wireLength: Int) {
        rest = bytes
        packet = bytes
        wire = max(wireLength, bytes.count)
    }

    /// Reads header after header, up to TCP, ICMP or the reason why there is neither.
    @_lifetime(self: copy self)
    mutating func run(_ linkType: LinkType) throws(HeaderError) -> End {
        var next = Next.link(linkType)
        for _ in 0..<Self.headerLimit {
            switch next {
            case .link(let linkType): next = try readLink(linkType)
            case .etherType(let type): next = try readEtherType(type)
            case .ethernet: next = try readEthernet()
            case .llc: next = try readLLC()
            case .ppp: next = try readPPP()
            case .pppoe: next = try readPPPoE()
            case .mpls: next = try readMPLS()
            case .ieee80211: next = try readIEEE80211()
            case .ip: next = try readIP()
            case .ipv4: next = try readIPv4()
            case .ipv6: next = try readIPv6()
            case .transport(let number, let family):
                next = try readTransport(number, in: family)
            case .gre: next = try readGRE()
            case .udp: next = try readUDP()
            case .end(let end): return end
            }
        }
        return .setAside(.nestedTooDeep)
    }

    /// What the header just read announces.
    enum Next {
        case link(LinkType)
        case etherType(EtherType)
        case ethernet, llc, ppp, pppoe, mpls, ieee80211
        case ip, ipv4, ipv6
        case transport(IPProtocol, IPFamily)
        case gre, udp
        case end(End)
    }

    /// Where the walk ends: `rest` then starts with that header.
    enum End {
        case tcp
        case icmp(IPFamily)
        case setAside(SetAside)
    }

    /// What a frame counts as whose next header is refused: cut only if the wire had more than the capture.
    func reason(for error: HeaderError) -> SetAside {
        if case .short(let kind, need: _, have: _) = error, rest.count >= wire {
            return SetAside(.malformed(kind))
        }
        return SetAside(error)
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
