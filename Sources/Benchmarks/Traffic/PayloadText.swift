import TestKit

/// The bytes that all payloads are taken from, and their sums, for the TCP checksum.
struct PayloadText {
    /// The longest payload, in bytes.
    static let longest = 2048
    private static let period = 1 << 16

    let bytes: [UInt8]
    /// The sum of the 16-bit words before each word.
    private let sums: [UInt32]

    init() {
        var random = SplitMix64(seed: 0)
        bytes = (0..<Self.period + Self.longest).map { _ in UInt8(32 + random.below(95)) }
        var sums: [UInt32] = [0]
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sums.append(sums[index / 2] + UInt32(bytes[index]) << 8 + UInt32(bytes[index + 1]))
        }
        self.sums = sums
    }

    /// Where the payload at a sequence number begins: the same for every copy of it.
    func offset(of sequenceNumber: UInt32) -> Int {
        Int(truncatingIfNeeded: sequenceNumber &* 0x9e37_79b1 >> 12) & (Self.period - 2)
    }

    /// The sum of a payload's 16-bit words; an odd last byte counts as if a zero followed.
    func sum(from offset: Int, count: Int) -> UInt64 {
        let whole = UInt64(sums[(offset + count) / 2] - sums[offset / 2])
        return count & 1 == 0 ? whole : whole + UInt64(bytes[offset + count - 1]) << 8
    }
}
