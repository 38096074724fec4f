/// Connections in the order in which they may have to go. One that has gone by itself stays in the list until its turn
/// comes: the caller that takes the first checks whether it is still the one that was added.
@usableFromInline
struct EvictionQueue: Sendable {
    /// Numbers in the run, and places in the store.
    private var words: [UInt64] = []
    private var taken = 0

    @usableFromInline
    init() {}

    /// A queue of entries that ``all`` gave.
    init(_ entries: [UInt64]) { words = entries }

    /// The entries in order, as words.
    var all: [UInt64] { Array(words[taken...]) }

    /// How many are in the list.
    @usableFromInline var count: Int { words.count - taken }

    /// The first one and its number.
    var first: (FlowIndex, serial: UInt32)? {
        taken < words.count ? EvictionQueue.entry(words[taken]) : nil
    }

    /// Calls `body` with each and its number, in order.
    func forEach(_ body: (FlowIndex, UInt32) -> Void) {
        for word in words[taken...] {
            let (index, serial) = EvictionQueue.entry(word)
            body(index, serial)
        }
    }

    private static func entry(_ word: UInt64) -> (FlowIndex, serial: UInt32) {
        (
            FlowIndex(rawValue: UInt32(truncatingIfNeeded: word)),
            UInt32(truncatingIfNeeded: word >> 32)
        )
    }

    /// Adds one. Amortised O(1).
    @usableFromInline
    mutating func append(_ index: FlowIndex, _ serial: UInt32) {
        words.append(UInt64(serial) << 32 | UInt64(index.rawValue))
    }

    /// Takes the first one out. Amortised O(1).
    mutating func removeFirst() {
        taken += 1
        guard taken > 4096, taken * 2 > words.count else { return }
        words.removeFirst(taken)
        taken = 0
    }
}
