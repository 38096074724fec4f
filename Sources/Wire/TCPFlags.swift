/// The control bits of a TCP header. RFC 9293, section 3.1; AE is RFC 9768's use of the bit once called NS.
public struct TCPFlags: OptionSet, Hashable, Sendable {
    /// Bits 0 to 8: FIN is bit 0, AE is bit 8.
    public let rawValue: UInt16

    /// Wraps the nine low bits of header bytes 12 and 13.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// No more data from the sender.
    public static let fin = TCPFlags(rawValue: 0x001)
    /// Synchronise sequence numbers.
    public static let syn = TCPFlags(rawValue: 0x002)
    /// Reset the connection.
    public static let rst = TCPFlags(rawValue: 0x004)
    /// Push function.
    public static let psh = TCPFlags(rawValue: 0x008)
    /// The acknowledgment number is significant.
    public static let ack = TCPFlags(rawValue: 0x010)
    /// The urgent pointer is significant.
    public static let urg = TCPFlags(rawValue: 0x020)
    /// ECN echo. RFC 3168.
    public static let ece = TCPFlags(rawValue: 0x040)
    /// Congestion window reduced. RFC 3168.
    public static let cwr = TCPFlags(rawValue: 0x080)
    /// Accurate ECN. RFC 9768.
    public static let ae = TCPFlags(rawValue: 0x100)
}

extension TCPFlags: CustomStringConvertible {
    /// The set bits in the order SYN, FIN, RST, PSH, ACK, URG, ECE, CWR, AE, joined by commas.
    public var description: String {
        let names: [(TCPFlags, String)] = [
            (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"),
            (.urg, "URG"), (.ece, "ECE"), (.cwr, "CWR"), (.ae, "AE"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}
