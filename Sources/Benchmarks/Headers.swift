/// The fields of a frame's headers that any tracker needs.
struct Headers {
    /// The addresses in network byte order, halves of IPv6's; IPv4's are in the low halves.
    var source: (high: UInt64, low: UInt64) = (0, 0)
    var destination: (high: UInt64, low: UInt64) = (0, 0)
    var sourcePort: UInt16 = 0
    var destinationPort: UInt16 = 0
    /// The sequence number that comes next.
    var sequenceEnd: UInt32 = 0
    var flags: UInt8 = 0
    var isIPv6 = false

    /// Reads Ethernet, VLAN tags, IPv4 or IPv6, TCP.
    ///
    /// - Returns: nil if the frame is something else, or cut before the end of the TCP header's
    ///   fixed part.
    @inline(__always)
    @unsafe init?(_ frame: UnsafeRawPointer, _ captured: Int) {
        var at = 14
        guard captured >= at else { return nil }
        var type = unsafe Self.half(frame, 12)
        while type == 0x8100 || type == 0x88a8 {
            guard captured >= at + 4 else { return nil }
            type = unsafe Self.half(frame, at + 2)
            at += 4
        }
        var length: Int
        if type == 0x0800 {
            guard captured >= at + 20 else { return nil }
            let header = unsafe Int(frame.load(fromByteOffset: at, as: UInt8.self) & 15) * 4
            let isFirst = unsafe Self.half(frame, at + 6) & 0x1fff == 0
            let isTCP = unsafe frame.load(fromByteOffset: at + 9, as: UInt8.self) == 6
            length = unsafe Int(Self.half(frame, at + 2)) - header
            guard isTCP, isFirst, header >= 20, length >= 0 else { return nil }
            unsafe source.low = UInt64(
                frame.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
            unsafe destination.low = UInt64(
                frame.loadUnaligned(fromByteOffset: at + 16, as: UInt32.self))
            at += header
        } else if type == 0x86dd {
            guard captured >= at + 40 else { return nil }
            guard unsafe frame.load(fromByteOffset: at + 6, as: UInt8.self) == 6 else { return nil }
            length = unsafe Int(Self.half(frame, at + 4))
            unsafe source.high = frame.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
            unsafe source.low = frame.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self)
            unsafe destination.high = frame.loadUnaligned(fromByteOffset: at + 24, as: UInt64.self)
            unsafe destination.low = frame.loadUnaligned(fromByteOffset: at + 32, as: UInt64.self)
            isIPv6 = true
            at += 40
        } else {
            return nil
        }
        guard captured >= at + 20 else { return nil }
        let header = unsafe Int(frame.load(fromByteOffset: at + 12, as: UInt8.self) >> 4) * 4
        guard header >= 20, header <= length else { return nil }
        unsafe sourcePort = Self.half(frame, at)
        unsafe destinationPort = Self.half(frame, at + 2)
        unsafe flags = frame.load(fromByteOffset: at + 13, as: UInt8.self)
        let first = unsafe frame.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self).bigEndian
        // SYN and FIN take a sequence number each.
        sequenceEnd =
            first &+ UInt32(length - header) &+ UInt32(flags >> 1 & 1) &+ UInt32(flags & 1)
    }

    @inline(__always)
    @unsafe private static func half(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt16 {
        unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self).bigEndian
    }
}
