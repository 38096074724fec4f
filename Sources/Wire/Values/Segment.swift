/// The TCP part of one frame as a small value: everything the state machines look at, and no bytes.
///
/// It is filled in place by ``Decoder/decode(_:linkType:wireLength:into:)``; no field refers to the frame.
public struct Segment: Equatable, Sendable {
    /// Sender's address (innermost IP header).
    public var source: Address
    /// Receiver's address (innermost IP header).
    public var destination: Address
    /// Sender's port.
    public var sourcePort: UInt16
    /// Receiver's port.
    public var destinationPort: UInt16
    /// What keeps equal 4-tuples apart: a mix of all VLAN tags, tunnel identifiers and tunnel
    /// endpoints on the way to the innermost IP header. 0 for a plain frame.
    public var scope: UInt32

    /// SEG.SEQ.
    public var sequenceNumber: SequenceNumber
    /// SEG.ACK; meaningful if `flags` contains ACK.
    public var acknowledgmentNumber: SequenceNumber
    /// The control bits.
    public var flags: TCPFlags
    /// SEG.WND as it stands in the header, not scaled.
    /// 65,535 where the snapshot length cut it off.
    public var window: UInt16
    /// Payload bytes on the wire, from the IP length (or from the wire length where that is 0, as in
    /// TSO frames), whatever the snapshot length cut off.
    public var payloadLength: UInt32
    /// The IP packet's length in bytes: header, TCP and payload.
    public var packetLength: UInt32

    /// The options that matter, as far as they were captured.
    public var options: TCPOptions

    /// IPv4 time to live or IPv6 hop limit.
    public var timeToLive: UInt8
    /// IPv4 identification; 0 for IPv6.
    public var identification: UInt16
    /// Whether this is the first of several IP fragments: the payload length is then a lower bound.
    public var isFragment: Bool
    /// A hash of the sender's hardware address, of SYNs and RSTs: which of two hosts with one IP address it
    /// was, or which router passed it on. 0 for other segments, and where the link has no such address.
    public var hardwareSource: UInt16

    /// An empty segment, to be filled by the decoder.
    @inlinable
    public init() {
        source = Address(high: 0, low: 0)
        destination = Address(high: 0, low: 0)
        sourcePort = 0
        destinationPort = 0
        scope = 0
        sequenceNumber = SequenceNumber(0)
        acknowledgmentNumber = SequenceNumber(0)
        flags = []
        window = 0
        payloadLength = 0
        packetLength = 0
        options = TCPOptions()
        timeToLive = 0
        identification = 0
        isFragment = false
        hardwareSource = 0
    }

    /// SEG.LEN: payload, and one each for SYN and FIN. RFC 9293, section 3.4.
    @inlinable
    public var length: UInt32 {
        payloadLength &+ (flags.contains(.syn) ? 1 : 0) &+ (flags.contains(.fin) ? 1 : 0)
    }

    /// The sequence number after the segment: SEG.SEQ + SEG.LEN.
    @inlinable
    public var endSequenceNumber: SequenceNumber { sequenceNumber + length }

    /// Whether its ``hardwareSource`` is of interest.
    @inlinable @inline(__always)
    var showsHardware: Bool { !flags.isDisjoint(with: [.syn, .rst]) }

    /// The hash of a hardware address of six bytes; 0 for that of a loopback, which is none.
    @inlinable
    static func hash(hardware address: UInt64) -> UInt16 {
        let mixed = address &* 0x9e37_79b9_7f4a_7c15
        return address == 0 ? 0 : UInt16(truncatingIfNeeded: mixed >> 48) | 1
    }

    /// Whether the two ends are the same address and port, as in a self-connect.
    @inlinable
    public var isSelfConnect: Bool { source == destination && sourcePort == destinationPort }
}
