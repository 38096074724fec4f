/// How often each of many keys comes, at most: counters that keys share. One that is seldom enough is told so
/// without being remembered; one that is called frequent may not be.
struct CountingSketch: Sendable {
    /// None until something is counted; else a power of two. One that is full stays so.
    private var counters: [UInt8] = []

    /// At least as many as the key with a hash was counted.
    subscript(hash: UInt64) -> Int64 {
        if counters.isEmpty { return 0 }
        let count = counters[counterIndex(hash)]
        return count == .max ? .max : Int64(count)
    }

    /// Counts the key with a hash.
    ///
    /// - Parameter count: how many are counted in all, as far as known.
    mutating func add(_ hash: UInt64, of count: Int) {
        if counters.isEmpty { counters = Array(repeating: 0, count: CountingSketch.size(count)) }
        let index = counterIndex(hash)
        if counters[index] < .max { counters[index] += 1 }
    }

    /// Adds what another one counted.
    mutating func add(_ other: CountingSketch) {
        guard !other.counters.isEmpty else { return }
        guard !counters.isEmpty else {
            self = other
            return
        }
        if counters.count > other.counters.count {
            let larger = self
            self = other
            add(larger)
            return
        }
        // The larger one is a multiple of the smaller one. Without branches, many are added at once.
        var mine = counters.mutableSpan
        for first in stride(from: 0, to: other.counters.count, by: mine.count) {
            let theirs = other.counters.span.extracting(first..<first + mine.count)
            for index in mine.indices {
                let sum = mine[index] &+ theirs[index]
                mine[index] = sum < theirs[index] ? .max : sum
            }
        }
    }

    private func counterIndex(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (counters.count - 1)
    }

    /// A few for each key, so that seldom two share one; but 16 MiB at most.
    private static func size(_ count: Int) -> Int {
        var size = 1 << 10
        while size < 4 * count, size < 1 << 24 { size *= 2 }
        return size
    }
}
