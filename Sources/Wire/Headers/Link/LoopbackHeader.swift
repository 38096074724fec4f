/// The address family before packets of a BSD loopback interface. tcpdump.org, LINKTYPE_NULL and LINKTYPE_LOOP.
public struct LoopbackHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 4 }

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 4 else { throw .short(.loopback, need: 4, have: bytes.count) }
        self.bytes = bytes
    }

    /// The AF_ number, in whichever byte order makes it small: LINKTYPE_NULL has the order of the
    /// capturing host.
    @inlinable public var family: UInt32 {
        let family = bytes.uint32(at: 0)
        return family > 0xffff ? family.byteSwapped : family
    }

    /// What follows; `nil` for neither IPv4 nor IPv6. AF_INET6 is 10 on Linux, 24 on NetBSD, OpenBSD,
    /// 28 on FreeBSD, 30 on macOS.
    @inlinable public var etherType: EtherType? {
        switch family {
        case 2: .ipv4
        case 10, 24, 28, 30: .ipv6
        default: nil
        }
    }
}
