/// How often each of many keys comes, at most: counters that keys share. One that is seldom enough is told so
/// without being remembered; one that is called frequent may not be.
struct Forecast: Sendable {
    private static let size = 1 << 16
    /// None until something is counted.
    private var counters: [UInt32] = []

    /// At least as many as the key was counted.
    subscript(hash: UInt64) -> UInt32 { counters.isEmpty ? 0 : counters[Forecast.place(hash)] }

    /// Counts the key with a hash.
    mutating func add(_ hash: UInt64) {
        if counters.isEmpty { counters = Array(repeating: 0, count: Forecast.size) }
        counters[Forecast.place(hash)] &+= 1
    }

    /// Adds what another one counted.
    mutating func add(_ other: Forecast) {
        guard !other.counters.isEmpty else { return }
        guard !counters.isEmpty else {
            self = other
            return
        }
        for place in counters.indices { counters[place] &+= other.counters[place] }
    }

    private static func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (size - 1) }
}
