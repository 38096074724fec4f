/// A TCP header whose first fourteen bytes are known to be present: ports, numbers and flags. The rest may be
/// cut by the snapshot length (68 bytes of an IPv6 frame). RFC 9293, section 3.1.
public struct TCPHeader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>

    /// Length of what must be captured in bytes.
    @inlinable public static var minimumLength: Int { 14 }

    /// Proves that this much is present and the data offset is at least 5.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) throws(HeaderError) {
        guard bytes.count >= Self.minimumLength else {
            throw .short(.tcp, need: Self.minimumLength, have: bytes.count)
        }
        guard bytes[12] >= 0x50 else { throw .malformed(.tcp) }
        self.bytes = bytes
    }

    /// Sender's port.
    @inlinable public var sourcePort: UInt16 { bytes.uint16(at: 0) }
    /// Receiver's port.
    @inlinable public var destinationPort: UInt16 { bytes.uint16(at: 2) }
    /// SEG.SEQ.
    @inlinable public var sequenceNumber: SequenceNumber { SequenceNumber(bytes.uint32(at: 4)) }
    /// SEG.ACK; meaningful if `flags` contains ACK.
    @inlinable public var acknowledgmentNumber: SequenceNumber {
        SequenceNumber(bytes.uint32(at: 8))
    }
    /// Header length in bytes, options included: 20 to 60.
    @inlinable public var length: Int { Int(bytes[12] >> 4) * 4 }
    /// The control bits, AE included.
    @inlinable public var flags: TCPFlags { TCPFlags(rawValue: bytes.uint16(at: 12) & 0x1ff) }
    /// SEG.WND, not scaled; the largest value where it is cut.
    @inlinable public var window: UInt16 { bytes.count >= 16 ? bytes.uint16(at: 14) : .max }
    /// The checksum as it stands in the header; nil where it is cut.
    @inlinable public var checksum: UInt16? { bytes.count >= 18 ? bytes.uint16(at: 16) : nil }
    /// The urgent pointer; nil where it is cut.
    @inlinable public var urgentPointer: UInt16? {
        bytes.count >= 20 ? bytes.uint16(at: 18) : nil
    }

    /// The option bytes that were captured.
    @inlinable public var optionBytes: Span<UInt8> {
        @_lifetime(copy self) get { bytes.upTo(length).from(20) }
    }
    /// Whether the capture ends before the options do.
    @inlinable public var isCut: Bool { bytes.count < length }
}
