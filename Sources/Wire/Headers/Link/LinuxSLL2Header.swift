/// The header of Linux "cooked" captures, version 2. tcpdump.org, LINKTYPE_LINUX_SLL2.
public struct LinuxSLL2Header: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 20 }

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 20 else { throw .short(.linuxSLL2, need: 20, have: bytes.count) }
        self.bytes = bytes
    }

    /// Type of what follows; 4 is LLC.
    @inlinable public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 0)) }
    /// Index of the interface on the capturing host.
    @inlinable public var interfaceIndex: UInt32 { bytes.uint32(at: 4) }
    /// ARPHRD_ number of the interface.
    @inlinable public var hardwareType: UInt16 { bytes.uint16(at: 8) }
    /// The sender's address, in the low six bytes; nil where it has none of six bytes.
    @inlinable public var source: UInt64? {
        bytes[11] == 6 ? bytes.uint64(at: 12) >> 16 : nil
    }
    /// 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us.
    @inlinable public var packetType: UInt8 { bytes[10] }
}
