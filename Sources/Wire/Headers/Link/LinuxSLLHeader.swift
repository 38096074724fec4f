/// The header of Linux "cooked" captures, version 1. tcpdump.org, LINKTYPE_LINUX_SLL.
public struct LinuxSLLHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 16 }

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 16 else { throw .short(.linuxSLL, need: 16, have: bytes.count) }
        self.bytes = bytes
    }

    /// 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us.
    @inlinable public var packetType: UInt16 { bytes.uint16(at: 0) }
    /// ARPHRD_ number of the interface.
    @inlinable public var hardwareType: UInt16 { bytes.uint16(at: 2) }
    /// The sender's address, in the low six bytes; nil where it has none of six bytes.
    @inlinable public var source: UInt64? {
        bytes.uint16(at: 4) == 6 ? bytes.uint64(at: 6) >> 16 : nil
    }
    /// Type of what follows; 4 is LLC.
    @inlinable public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 14)) }
}
