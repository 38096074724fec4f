/// The running one's complement sum of IP, TCP, UDP and ICMP. RFC 1071.
public struct InternetChecksum: Sendable {
    private var sum: UInt64 = 0

    /// The sum of nothing.
    public init() {}

    /// Adds the bytes as big-endian words; an odd last byte is padded with zero, so it must be the last call.
    public mutating func add(_ bytes: Span<UInt8>) {
        var at = 0
        while at + 1 < bytes.count {
            sum &+= UInt64(bytes.uint16(at: at))
            at += 2
        }
        if at < bytes.count { sum &+= UInt64(bytes[at]) << 8 }
    }

    /// Adds one 16-bit word.
    public mutating func add(_ word: UInt16) { sum &+= UInt64(word) }

    /// Adds TCP's pseudo-header. RFC 9293, section 3.1; RFC 8200, section 8.1, which has the same sum.
    ///
    /// - Parameter length: Bytes of TCP header and payload.
    public mutating func addPseudoHeader(source: Address, destination: Address, length: Int) {
        for address in [source, destination] {
            // IPv4 in its mapped form would add ffff, which is zero in one's complement.
            for half in [address.high, address.low] {
                sum &+= (half >> 32) + (half & 0xffff_ffff)
            }
        }
        sum &+= UInt64(IPProtocol.tcp.rawValue)
        sum &+= UInt64(length >> 16) + UInt64(length & 0xffff)
    }

    /// The field that makes the sum right: its complement. 0 if the added bytes held the right field.
    public var field: UInt16 {
        var folded = sum
        while folded > 0xffff { folded = (folded >> 16) + (folded & 0xffff) }
        return ~UInt16(folded)
    }
}
