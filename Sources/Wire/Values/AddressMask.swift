/// Replaces addresses by ones that belong to nobody, so that two that share a prefix share one afterwards, and
/// nobody who lacks the key finds the way back: each bit is flipped or not by a keyed hash of the bits before it.
/// After Xu, Fan, Ammar and Moon, "Prefix-Preserving IP Address Anonymization" (2002).
///
/// - IPv4: into the documentation networks of RFC 5737 where the networks of the capture are known and are few enough;
///   into 240.0.0.0/4 (reserved, RFC 1112, section 4) otherwise. Prefixes of 4 bits and more are kept.
/// - IPv6: into 2001:db8::/32 (RFC 3849). Prefixes of 48 bits and more are kept.
///
/// In both, fewer bits are left than an address has: of n IPv4 addresses outside the documentation networks, two
/// become one with a probability of about n² / 2²⁹.
public struct AddressMask: Sendable {
    private let key: (UInt64, UInt64)
    /// IPv4 networks of 24 bits, and the documentation networks that take their places.
    private let replacements: [UInt32: UInt32]

    /// The first 24 bits of 192.0.2.0, 198.51.100.0 and 203.0.113.0, the two that share the longest prefix first.
    private static let documentation: [UInt32] = [0xc0_00_02, 0xc6_33_64, 0xcb_00_71]
    /// 240.0.0.0/4.
    private static let reserved: UInt32 = 0xf000_0000
    /// The first half of 2001:db8::/32.
    private static let documentationIPv6: UInt64 = 0x2001_0db8_0000_0000

    /// A mask by a key of 128 bits.
    ///
    /// - Parameter networks: the first 24 bits of all IPv4 addresses that the capture has; empty where they are not
    ///   known.
    public init(key: (UInt64, UInt64), networks: Set<UInt32> = []) {
        self.key = key
        // An address of the capture must not come out as the replacement of another one.
        let free = AddressMask.documentation.filter { !networks.contains($0) }
        guard networks.count <= free.count else {
            replacements = [:]
            return
        }
        var order = networks.sorted()
        if order.count == 3, order[1] ^ order[2] < order[0] ^ order[1] { order.reverse() }
        replacements = Dictionary(uniqueKeysWithValues: zip(order, free))
    }

    /// The most networks that ``init(key:networks:)`` has a place for.
    public static var knownNetworks: Int { documentation.count }

    /// The replacement, of the same family.
    public subscript(address: Address) -> Address {
        guard address.isIPv4 else { return maskedIPv6(address) }
        let original = UInt32(truncatingIfNeeded: address.low)
        let bits = masked(UInt64(original) << 32, 0, width: 32, salt: 4)
        let masked = UInt32(truncatingIfNeeded: bits >> 32)
        if let network = replacements[original >> 8] {
            return Address(ipv4: network << 8 | masked & 0xff)
        }
        return Address(ipv4: AddressMask.reserved | masked & ~AddressMask.reserved)
    }

    private func maskedIPv6(_ address: Address) -> Address {
        let site = hash(address.high >> 16, 0, 6 << 8) & 0xffff
        let subnet = masked(address.high, 0, width: 64, salt: 6) & 0xffff
        let low = masked(address.low, address.high, width: 64, salt: 7)
        return Address(high: AddressMask.documentationIPv6 | site << 16 | subnet, low: low)
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
        func rotateLeft(_ value: UInt64, _ count: UInt64) -> UInt64 {
            (value << count) | (value >> (64 - count))
        }
        func round() {
            state.0 &+= state.1
            state.1 = rotateLeft(state.1, 13) ^ state.0
            state.0 = rotateLeft(state.0, 32)
            state.2 &+= state.3
            state.3 = rotateLeft(state.3, 16) ^ state.2
            state.0 &+= state.3
            state.3 = rotateLeft(state.3, 21) ^ state.0
            state.2 &+= state.1
            state.1 = rotateLeft(state.1, 17) ^ state.2
            state.2 = rotateLeft(state.2, 32)
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
