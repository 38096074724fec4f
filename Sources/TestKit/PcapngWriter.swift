public import Wire

/// Writes a pcapng file into memory: one section, any number of interfaces. draft-ietf-opsawg-pcapng.
public struct PcapngWriter: Sendable {
    /// The file so far.
    public private(set) var bytes: [UInt8] = []
    private let isBigEndian: Bool
    private var decimals: [UInt8] = []

    /// Starts a file with a section header.
    public init(isBigEndian: Bool = false) {
        self.isBigEndian = isBigEndian
        var body: [UInt8] = []
        body += number(0x1a2b_3c4d as UInt32)
        body += number(1 as UInt16)
        body += number(0 as UInt16)
        body += number(-1 as Int64)
        appendBlock(0x0a0d_0d0a, body)
    }

    /// Appends an interface and returns its number.
    ///
    /// - Parameters:
    ///   - decimals: Resolution of its times: 6 for microseconds, 9 for nanoseconds.
    ///   - snapshotLength: Bytes; 0 for no limit.
    @discardableResult
    public mutating func addInterface(
        _ linkType: LinkType = .ethernet, decimals: UInt8 = 6, snapshotLength: UInt32 = 0
    ) -> Int {
        var body: [UInt8] = []
        body += number(UInt16(truncatingIfNeeded: linkType.rawValue))
        body += number(0 as UInt16)
        body += number(snapshotLength)
        // if_tsresol, padded, and the end of the options.
        body += number(9 as UInt16)
        body += number(1 as UInt16)
        body += [decimals, 0, 0, 0, 0, 0, 0, 0]
        appendBlock(1, body)
        self.decimals.append(decimals)
        return self.decimals.count - 1
    }

    /// Appends one frame; without a wire length, nothing was cut off.
    public mutating func append(
        _ frame: [UInt8], at time: Timestamp, interface: Int = 0, wireLength: Int? = nil
    ) {
        var units = UInt64(bitPattern: time.nanoseconds)
        for _ in decimals[interface]..<9 { units /= 10 }
        var body: [UInt8] = []
        body += number(UInt32(interface))
        body += number(UInt32(truncatingIfNeeded: units >> 32))
        body += number(UInt32(truncatingIfNeeded: units))
        body += number(UInt32(frame.count))
        body += number(UInt32(wireLength ?? frame.count))
        body += frame + [UInt8](repeating: 0, count: (4 - frame.count % 4) % 4)
        appendBlock(6, body)
    }

    /// Appends any block; the body is a multiple of four bytes.
    public mutating func appendBlock(_ type: UInt32, _ body: [UInt8]) {
        let length = number(UInt32(12 + body.count))
        bytes += number(type) + length + body + length
    }

    private func number(_ value: some FixedWidthInteger) -> [UInt8] {
        var bytes: [UInt8] = []
        if isBigEndian {
            bytes.append(bigEndian: value)
        } else {
            bytes.append(littleEndian: value)
        }
        return bytes
    }
}
