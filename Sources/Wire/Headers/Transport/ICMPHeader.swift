/// The eight bytes before the quoted packet of an ICMP or ICMPv6 error. RFC 792; RFC 4443, section 3.
public struct ICMPHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of the header in bytes.
    @inlinable public static var length: Int { 8 }

    /// Proves that the whole header is present.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= 8 else { throw .short(.icmp, need: 8, have: bytes.count) }
        self.bytes = bytes
    }

    /// The message's type.
    @inlinable public var type: UInt8 { bytes[0] }
    /// The message's code.
    @inlinable public var code: UInt8 { bytes[1] }

    /// Whether the message reports an error and quotes the packet that met it: destination unreachable,
    /// packet too big, time exceeded or parameter problem.
    @inlinable
    public func isError(_ family: IPFamily) -> Bool {
        switch family {
        case .ipv4: type == 3 || type == 11 || type == 12
        case .ipv6: 1...4 ~= type
        }
    }

    /// The largest packet in bytes that the next link takes; `nil` unless the message is about that and
    /// its sender filled the field in. RFC 1191, section 4; RFC 4443, section 3.2.
    public func nextHopMTU(_ family: IPFamily) -> UInt32? {
        switch (family, type, code) {
        case (.ipv4, 3, 4):
            let size = UInt32(bytes.uint16(at: 6))
            return size == 0 ? nil : size
        case (.ipv6, 2, _): return bytes.uint32(at: 4)
        default: return nil
        }
    }

    /// What was captured of the quoted packet.
    @inlinable public var quote: Span<UInt8> {
        @_lifetime(copy self) get { bytes.from(8) }
    }
}
