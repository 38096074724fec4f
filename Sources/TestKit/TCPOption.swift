public import Wire

/// One TCP option, to be written into a packet.
public enum TCPOption: Sendable {
    /// Kind 0. RFC 9293, section 3.2.
    case end
    /// Kind 1. RFC 9293, section 3.2.
    case noOperation
    /// Kind 2, in bytes. RFC 9293, section 3.2.
    case maximumSegmentSize(UInt16)
    /// Kind 3, a shift count. RFC 7323, section 2.
    case windowScale(UInt8)
    /// Kind 4. RFC 2018, section 2.
    case sackPermitted
    /// Kind 5, left and right edges. RFC 2018, section 3.
    case sack([(UInt32, UInt32)])
    /// Kind 8. RFC 7323, section 3.
    case timestamps(value: UInt32, echo: UInt32)
    /// Kind 34 with a cookie. RFC 7413, section 4.1.1.
    case fastOpen([UInt8])
    /// Anything: kind, length, data, right or wrong.
    case raw([UInt8])

    /// The option as it stands in a header.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .end: return [0]
        case .noOperation: return [1]
        case .maximumSegmentSize(let size):
            bytes = [2, 4]
            bytes.append(bigEndian: size)
        case .windowScale(let shift): bytes = [3, 3, shift]
        case .sackPermitted: bytes = [4, 2]
        case .sack(let blocks):
            bytes = [5, UInt8(2 + 8 * blocks.count)]
            for (left, right) in blocks {
                bytes.append(bigEndian: left)
                bytes.append(bigEndian: right)
            }
        case .timestamps(let value, let echo):
            bytes = [8, 10]
            bytes.append(bigEndian: value)
            bytes.append(bigEndian: echo)
        case .fastOpen(let cookie): bytes = [34, UInt8(2 + cookie.count)] + cookie
        case .raw(let raw): bytes = raw
        }
        return bytes
    }

    /// The options that a segment carries, in the order in which Linux writes them.
    public static func list(_ options: TCPOptions) -> [TCPOption] {
        var list: [TCPOption] = []
        let present = options.present
        if present.contains(.maximumSegmentSize) {
            list.append(.maximumSegmentSize(options.maximumSegmentSize))
        }
        if present.contains(.sackPermitted) { list.append(.sackPermitted) }
        if present.contains(.timestamps) {
            list.append(
                .timestamps(value: options.timestampValue, echo: options.timestampEcho))
        }
        if present.contains(.windowScale) { list.append(.windowScale(options.windowScale)) }
        if present.contains(.fastOpen) {
            list.append(
                .fastOpen([UInt8](repeating: 0xf0, count: Int(options.fastOpenCookieLength))))
        }
        if present.contains(.multipath) { list.append(.raw([30, 4, 0, 0])) }
        if present.contains(.sack) {
            list.append(.sack([(options.sackLeft.rawValue, options.sackRight.rawValue)]))
        }
        return list
    }
}
