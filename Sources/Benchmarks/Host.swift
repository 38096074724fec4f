/// One end of a made-up connection: where it is, and where its sequence numbers are.
struct Host {
    /// Whether the address is all of `high` and `low`, or only the low half of `low`.
    let isIPv6: Bool
    let high: UInt64
    let low: UInt64
    let port: UInt16
    /// SND.NXT.
    var sendNext: UInt32
    /// What its timestamp clock shows when the capture begins, in milliseconds. RFC 7323.
    let clock: UInt32

    /// A host of IPv4, its address as one number.
    init(_ address: UInt32, port: UInt16, sendNext: UInt32, clock: UInt32) {
        isIPv6 = false
        high = 0
        low = UInt64(address)
        self.port = port
        self.sendNext = sendNext
        self.clock = clock
    }

    /// A host of IPv6 in 2001:db8::/32. RFC 3849.
    init(network: UInt16, host: UInt64, port: UInt16, sendNext: UInt32, clock: UInt32) {
        isIPv6 = true
        high = 0x2001_0db8 << 32 | UInt64(network)
        low = host
        self.port = port
        self.sendNext = sendNext
        self.clock = clock
    }
}
