/// About how many different keys there were: the smallest hashes tell (k minimum values; Bar-Yossef et al.,
/// 2002). 2 KiB at most; the order of the keys does not matter, and two of them can be joined.
struct DistinctSketch: Sendable {
    private static let limit = 256
    /// In order, without equals.
    private var smallest: [UInt64] = []

    /// Counts a key by its hash, whose bits are as good as random. O(log k) for most.
    mutating func add(_ hash: UInt64) {
        if smallest.count == Self.limit, let last = smallest.last, hash >= last { return }
        var range = 0..<smallest.count
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            if smallest[middle] < hash {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        let index = range.lowerBound
        if index < smallest.count, smallest[index] == hash { return }
        smallest.insert(hash, at: index)
        if smallest.count > Self.limit { smallest.removeLast() }
    }

    /// Adds what another one counted.
    mutating func add(_ other: DistinctSketch) {
        for hash in other.smallest { add(hash) }
    }

    /// How many: exact below 256, within some 6 % above.
    var count: Double {
        guard smallest.count == Self.limit, let last = smallest.last else {
            return Double(smallest.count)
        }
        return Double(Self.limit - 1) / (Double(last) / Double(UInt64.max))
    }
}
