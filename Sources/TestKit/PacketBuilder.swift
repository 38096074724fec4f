public import Wire

/// Makes packets with right lengths and checksums, from named fields with quiet defaults.
///
/// ``tcp``, ``ip`` and ``ethernet`` are the same packet with ever more headers; other link layers and tunnels
/// are wrapped around `ip` by the `in…` methods of `[UInt8]`.
public struct PacketBuilder: Sendable {
    /// Sender; with `destination`, of one family.
    public var source = Address(ipv4: 0x0a00_0001)
    /// Receiver.
    public var destination = Address(ipv4: 0x0a00_0002)
    /// Sender's port.
    public var sourcePort: UInt16 = 40000
    /// Receiver's port.
    public var destinationPort: UInt16 = 80
    /// SEG.SEQ.
    public var sequenceNumber: UInt32 = 1
    /// SEG.ACK.
    public var acknowledgmentNumber: UInt32 = 0
    /// The control bits.
    public var flags: TCPFlags = .ack
    /// SEG.WND, not scaled.
    public var window: UInt16 = 64240
    /// TCP options; padded with "no operation" to a multiple of four bytes.
    public var options: [TCPOption] = []
    /// Data.
    public var payload: [UInt8] = []
    /// Time to live or hop limit.
    public var timeToLive: UInt8 = 64
    /// IPv4 identification.
    public var identification: UInt16 = 0
    /// IPv4 options, a multiple of four bytes.
    public var ipv4Options: [UInt8] = []
    /// IPv6 extension headers with their numbers. The next-header byte of each is filled in.
    public var extensions: [(IPProtocol, [UInt8])] = []

    /// A pure ACK from 10.0.0.1:40000 to 10.0.0.2:80.
    public init() {}

    /// The packet that would decode to `segment`, with a payload of zeros.
    public init(_ segment: Segment) {
        source = segment.source
        destination = segment.destination
        sourcePort = segment.sourcePort
        destinationPort = segment.destinationPort
        sequenceNumber = segment.sequenceNumber.rawValue
        acknowledgmentNumber = segment.acknowledgmentNumber.rawValue
        flags = segment.flags
        window = segment.window
        options = TCPOption.list(segment.options)
        payload = [UInt8](repeating: 0, count: Int(segment.payloadLength))
        timeToLive = segment.timeToLive
        identification = segment.identification
    }

    /// TCP header, options and data. RFC 9293, section 3.1.
    public var tcp: [UInt8] {
        var optionBytes = options.flatMap(\.bytes)
        while optionBytes.count % 4 != 0 { optionBytes.append(1) }
        var bytes: [UInt8] = []
        bytes.append(bigEndian: sourcePort)
        bytes.append(bigEndian: destinationPort)
        bytes.append(bigEndian: sequenceNumber)
        bytes.append(bigEndian: acknowledgmentNumber)
        bytes.append(bigEndian: UInt16(5 + optionBytes.count / 4) << 12 | flags.rawValue)
        bytes.append(bigEndian: window)
        bytes += [0, 0, 0, 0] + optionBytes + payload
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: source, destination: destination, length: bytes.count)
        sum.add(bytes.span)
        bytes.set(bigEndian: sum.field, at: 16)
        return bytes
    }

    /// ``tcp`` in IPv4, or in IPv6 with the extension headers.
    public var ip: [UInt8] {
        guard !source.isIPv4 else {
            return tcp.inIPv4(
                .tcp, from: source, to: destination, timeToLive: timeToLive,
                identification: identification, options: ipv4Options)
        }
        var next = IPProtocol.tcp
        var bytes = tcp
        for (number, header) in extensions.reversed() {
            bytes = [next.rawValue] + header.dropFirst() + bytes
            next = number
        }
        return bytes.inIPv6(next, from: source, to: destination, hopLimit: timeToLive)
    }

    /// ``ip`` in Ethernet.
    public var ethernet: [UInt8] { ethernet(vlans: []) }

    /// ``ip`` in Ethernet with 802.1Q tags, the outermost first; priorities are 0.
    public func ethernet(vlans: [UInt16]) -> [UInt8] {
        var bytes = ip
        var type: EtherType = source.isIPv4 ? .ipv4 : .ipv6
        for vlan in vlans.reversed() {
            bytes = bytes.afterTag(vlan, type)
            type = .vlan
        }
        return bytes.inEthernet(type)
    }
}
