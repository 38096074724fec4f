public import Wire

/// Writes a classic pcap file into memory. draft-ietf-opsawg-pcap.
public struct PcapWriter: Sendable {
    /// The file so far.
    public private(set) var bytes: [UInt8] = []
    private let isNanosecond: Bool
    private let isBigEndian: Bool

    /// Starts a file.
    ///
    /// - Parameter snapshotLength: Bytes; only written into the header, nothing is cut.
    public init(
        linkType: LinkType = .ethernet, isNanosecond: Bool = false, isBigEndian: Bool = false,
        snapshotLength: UInt32 = 262144
    ) {
        self.isNanosecond = isNanosecond
        self.isBigEndian = isBigEndian
        append(isNanosecond ? 0xa1b2_3c4d : 0xa1b2_c3d4 as UInt32)
        append(2 as UInt16)
        append(4 as UInt16)
        append(0 as UInt32)
        append(0 as UInt32)
        append(snapshotLength)
        append(linkType.rawValue)
    }

    /// Appends one frame; without a wire length, nothing was cut off.
    public mutating func append(_ frame: [UInt8], at time: Timestamp, wireLength: Int? = nil) {
        let second = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        append(UInt32(truncatingIfNeeded: second.quotient))
        append(UInt32(isNanosecond ? second.remainder : second.remainder / 1000))
        append(UInt32(frame.count))
        append(UInt32(wireLength ?? frame.count))
        bytes += frame
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        if isBigEndian {
            bytes.append(bigEndian: number)
        } else {
            bytes.append(littleEndian: number)
        }
    }
}
