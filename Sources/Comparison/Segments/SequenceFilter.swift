internal import Wire

/// Whether a sequence number may be among some: a set of bits that errs on the side of yes, one word to look at.
struct SequenceFilter {
    private var bits: [UInt64]
    private let shift: UInt32

    /// - Parameters:
    ///   - numbers: those that are in it.
    ///   - count: how many they are.
    init(_ numbers: some Sequence<SequenceNumber>, count: Int) {
        // Sixteen bits for each number: one of sixteen others passes.
        let width = UInt32(min(24, max(6, Int.bitWidth - (16 * count).leadingZeroBitCount)))
        shift = 32 - width
        bits = [UInt64](repeating: 0, count: 1 << Int(width - 6))
        for number in numbers {
            let bitIndex = bitIndex(number)
            bits[bitIndex >> 6] |= 1 << UInt64(bitIndex & 63)
        }
    }

    /// Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3, section 6.4.
    private func bitIndex(_ number: SequenceNumber) -> Int {
        Int((number.rawValue &* 0x9e37_79b9) >> shift)
    }

    /// False where the number is in none of them.
    func mayContain(_ number: SequenceNumber) -> Bool {
        let bitIndex = bitIndex(number)
        return bits[bitIndex >> 6] & 1 << UInt64(bitIndex & 63) != 0
    }
}
