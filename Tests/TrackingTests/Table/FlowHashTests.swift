import TCPState
import Testing
import Tracking
import Wire

/// Strangers choose addresses, ports and tunnels, and know the hash but for its secret: no set of keys may crowd the
/// table more than chance does, whatever the secret.
@Suite struct FlowHashTests {
    static let count = 2048

    /// Sets of keys in which the parts depend on each other.
    enum Family: String, CaseIterable, CustomTestStringConvertible {
        case mirroredAddresses, mirroredIPv6, mirroredPortsOnLoopback, rowOfPorts, rowOfAddresses
        case rowOfNetworks, equalEnds, highBits

        var testDescription: String { rawValue }

        func key(_ number: Int) -> FlowKey {
            let low = UInt32(number)
            let word = UInt64(number)
            func ipv4(_ number: UInt32) -> Address { Address(ipv4: number) }
            switch self {
            case .mirroredAddresses:
                return FlowKey(
                    ipv4(0x0a00_0000 | low), 443, ipv4(0x0a02_0000 | ~low & 0xffff), 443)
            case .mirroredIPv6:
                return FlowKey(
                    Address(high: 0x2001_0db8_0000_0000, low: word), 443,
                    Address(high: 0x2001_0db8_0000_0001, low: ~word), 443)
            case .mirroredPortsOnLoopback:
                let port = UInt16(number)
                return FlowKey(ipv4(0x7f00_0001), port, ipv4(0x7f00_0001), ~port)
            case .rowOfPorts:
                return FlowKey(ipv4(0x0a00_0001), UInt16(1024 + number), ipv4(0x0a00_0002), 443)
            case .rowOfAddresses:
                return FlowKey(ipv4(0x0a00_0000 + low), 40_000, ipv4(0xc000_0201), 443)
            case .rowOfNetworks:
                return FlowKey(ipv4(low << 16), 40_000, ipv4(0xffff_0000 - low << 16), 443)
            case .equalEnds:
                return FlowKey(ipv4(low << 8), 7, ipv4(low << 8), 7)
            case .highBits:
                return FlowKey(
                    Address(high: word << 48, low: 1), 443, Address(high: ~word << 48, low: 1), 443)
            }
        }
    }

    /// The longest search in a table of twice as many slots, and how many 32-bit tags differ.
    static func crowding(_ hashes: [UInt64]) -> (longest: Int, tags: Int) {
        let slots = 2 * count
        var used = [Bool](repeating: false, count: slots)
        var longest = 0
        for hash in hashes {
            var slot = Int(hash >> 32) & (slots - 1)
            var length = 1
            while used[slot] {
                slot = (slot + 1) & (slots - 1)
                length += 1
            }
            used[slot] = true
            longest = max(longest, length)
        }
        return (longest, Set(hashes.map { $0 >> 32 }).count)
    }

    /// Random hashes reach 63 in one of a million tables, and share one tag in two thousand.
    static func expectChance(_ hashes: [UInt64], _ name: String) {
        let (longest, tags) = crowding(hashes)
        #expect(longest <= 80, "\(name)")
        #expect(tags >= count - 2, "\(name)")
        let halves = Set(hashes.map { UInt32(truncatingIfNeeded: $0) })
        #expect(halves.count >= count - 2, "\(name): the halves that share the work out")
    }

    @Test(arguments: Family.allCases)
    func `Structured keys crowd no more than random ones, for any secret`(_ family: Family) {
        let keys = (0..<Self.count).map(family.key)
        #expect(Set(keys).count == Self.count)
        for seed in 0..<24 as Range<UInt64> {
            let hashing = FlowHash(seed: seed &* 0x9e37_79b9_7f4a_7c15)
            Self.expectChance(keys.map { hashing($0) }, "seed \(seed)")
        }
    }

    @Test func `Scopes of one key crowd no more than keys do`() {
        let key = Family.rowOfPorts.key(1)
        for seed in 0..<24 as Range<UInt64> {
            let hashing = FlowHash(seed: seed)
            for shift in [0, 8, 20] {
                let scopes = (0..<Self.count).map { UInt32($0) << UInt32(shift) }
                let hashes = scopes.map { hashing.scoped(hashing(key), $0) }
                Self.expectChance(hashes, "seed \(seed), shift \(shift)")
            }
        }
    }

    @Test func `Every part of a key counts`() {
        let hashing = FlowHash(seed: 5)
        let a = Address(high: 1, low: 2)
        let b = Address(high: 3, low: 4)
        let keys = [
            FlowKey(a, 1, b, 2), FlowKey(a, 2, b, 1), FlowKey(a, 1, b, 3), FlowKey(a, 3, b, 2),
            FlowKey(Address(high: 2, low: 2), 1, b, 2), FlowKey(Address(high: 1, low: 3), 1, b, 2),
            FlowKey(a, 1, Address(high: 4, low: 4), 2), FlowKey(a, 1, Address(high: 3, low: 5), 2),
            // The addresses' halves change places.
            FlowKey(Address(high: 1, low: 4), 1, Address(high: 3, low: 2), 2),
            FlowKey(Address(high: 0, low: 2), 1, Address(high: 0, low: 4), 2),
        ]
        #expect(Set(keys.map { hashing($0) }).count == keys.count)
    }
}
