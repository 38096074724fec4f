/// Replaces addresses so that two that share a prefix share one of the same length afterwards, and
/// nobody who lacks the key finds the way back: each bit is flipped or not by a keyed hash of the bits
/// before it. After Xu, Fan, Ammar and Moon, "Prefix-Preserving IP Address Anonymization" (2002).
public struct AddressMask: Sendable {
    private let key: (UInt64, UInt64)

    /// A mask by a key of 128 bits.
    public init(key: (UInt64, UInt64)) { self.key = key }

    /// The replacement, of the same family.
    public subscript(address: Address) -> Address {
        if address.isIPv4 {
            let bits = UInt64(UInt32(truncatingIfNeeded: address.low)) << 32
            let masked = masked(bits, 0, width: 32, salt: 4)
            return Address(ipv4: UInt32(truncatingIfNeeded: masked >> 32))
        }
        let high = masked(address.high, 0, width: 64, salt: 6)
        let low = masked(address.low, address.high, width: 64, salt: 7)
        return Address(high: high, low: low)
    }

    private func masked(_ bits: UInt64, _ before: UInt64, width: Int, salt: UInt64) -> UInt64 {
        var result = bits
        for index in 0..<width {
            let prefix = index == 0 ? 0 : (bits >> UInt64(64 - index)) << UInt64(64 - index)
            let hash = hash(prefix, before, salt << 8 | UInt64(index))
            if hash & 1 == 1 { result ^= 1 << UInt64(63 - index) }
        }
        return result
    }

    /// SipHash-2-4 of three words. Aumasson and Bernstein, 2012.
    private func hash(_ words: UInt64...) -> UInt64 {
        var state = (
            key.0 ^ 0x736f_6d65_7073_6575, key.1 ^ 0x646f_7261_6e64_6f6d,
            key.0 ^ 0x6c79_6765_6e65_7261, key.1 ^ 0x7465_6462_7974_6573
        )
        func turn(_ value: UInt64, _ count: UInt64) -> UInt64 {
            (value << count) | (value >> (64 - count))
        }
        func round() {
            state.0 &+= state.1
            state.1 = turn(state.1, 13) ^ state.0
            state.0 = turn(state.0, 32)
            state.2 &+= state.3
            state.3 = turn(state.3, 16) ^ state.2
            state.0 &+= state.3
            state.3 = turn(state.3, 21) ^ state.0
            state.2 &+= state.1
            state.1 = turn(state.1, 17) ^ state.2
            state.2 = turn(state.2, 32)
        }
        for word in words + [UInt64(words.count * 8) << 56] {
            state.3 ^= word
            round()
            round()
            state.0 ^= word
        }
        state.2 ^= 0xff
        for _ in 0..<4 { round() }
        return state.0 ^ state.1 ^ state.2 ^ state.3
    }
}
