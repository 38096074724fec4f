internal import Wire

/// A set of addresses that may hold more than were put into it (Bloom, 1970), but never less: 128 KiB, three
/// bits for each address. Of 100,000 addresses about one in a hundred others is taken for one of them. In
/// whatever order they come, and from however many threads, the set is the same.
struct AddressFilter: Sendable {
    private static let bits: UInt64 = 1 << 20
    /// Nothing until the first address comes.
    private var words: [UInt64] = []

    /// Puts an address in. O(1).
    mutating func insert(_ address: Address) {
        if words.isEmpty { words = Array(repeating: 0, count: Int(Self.bits / 64)) }
        let indices = Self.indices(address)
        var words = words.mutableSpan
        for index in indices.indices {
            words[Int(indices[index] / 64)] |= 1 << (indices[index] % 64)
        }
    }

    /// Whether an address may be in it: surely not, if not.
    func mayContain(_ address: Address) -> Bool {
        guard !words.isEmpty else { return false }
        let indices = Self.indices(address)
        return indices.indices.allSatisfy {
            words[Int(indices[$0] / 64)] >> (indices[$0] % 64) & 1 == 1
        }
    }

    /// Adds what another one has.
    mutating func add(_ other: AddressFilter) {
        guard !other.words.isEmpty else { return }
        guard !words.isEmpty else {
            self = other
            return
        }
        for index in words.indices { words[index] |= other.words[index] }
    }

    private static func indices(_ address: Address) -> InlineArray<3, UInt64> {
        var hash = (address.low ^ address.high &* 0x9e37_79b9_7f4a_7c15) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 29) &* 0x94d0_49bb_1331_11eb
        hash ^= hash >> 32
        return [hash % bits, (hash >> 20) % bits, (hash >> 40) % bits]
    }
}
