public import Wire

/// The blocks of a pcapng file that is being written, as bytes: little-endian, times in nanoseconds.
/// draft-ietf-opsawg-pcapng.
public enum PcapngBlocks {
    /// The section header, with a comment for the whole file. Section 4.1.
    public static func section(comment: String) -> [UInt8] {
        var body = number(0x1a2b_3c4d as UInt32) + number(1 as UInt16) + number(0 as UInt16)
        body += number(UInt64.max)
        body += option(1, Array(comment.utf8)) + end
        return block(0x0a0d_0d0a, body)
    }

    /// An interface, which the packets name by its place in the file. Section 4.2.
    public static func interface(_ linkType: LinkType) -> [UInt8] {
        var body = number(UInt16(truncatingIfNeeded: linkType.rawValue)) + number(0 as UInt16)
        body += number(0 as UInt32)
        body += option(9, [9]) + end
        return block(1, body)
    }

    /// A packet with comments. Section 4.3.
    public static func packet(
        _ bytes: [UInt8], wireLength: Int, at time: Timestamp, interface: UInt32,
        comments: [String]
    ) -> [UInt8] {
        let units = UInt64(bitPattern: time.nanoseconds)
        var body = number(interface)
        body += number(UInt32(units >> 32)) + number(UInt32(truncatingIfNeeded: units))
        body += number(UInt32(bytes.count)) + number(UInt32(clamping: wireLength))
        body += padded(bytes)
        for comment in comments { body += option(1, Array(comment.utf8)) }
        if !comments.isEmpty { body += end }
        return block(6, body)
    }

    private static let end = number(0 as UInt32)

    /// An option; what is longer than its length field says is cut. Section 3.5.
    private static func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
        let value = Array(value.prefix(Int(UInt16.max)))
        return number(code) + number(UInt16(value.count)) + padded(value)
    }

    private static func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        let length = number(UInt32(body.count + 12))
        return number(type) + length + body + length
    }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }

    private static func number<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
