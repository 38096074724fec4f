/// How far a round over all connections has come, which goes on while connections take another form and change their places.
@usableFromInline
struct SweepRound: Sendable {
    /// The next place: those before it have been looked at. Flows come first, then compact ones.
    @usableFromInline var hand = FlowIndex(rawValue: 0)
    /// Places from there on whose connections were looked at elsewhere.
    @usableFromInline var seen: Set<FlowIndex> = []
    /// The numbers of connections that were not looked at, and are before it.
    @usableFromInline var missed: Set<UInt32> = []
    /// Those of them that come next, as a list: finding the first of a set is not O(1).
    @usableFromInline var next: [UInt32] = []

    @usableFromInline init() {}

    /// Goes on to the next place of the two stores; nil after the last one.
    mutating func nextPlace(flows: UInt32, compact: UInt32) -> FlowIndex? {
        if !hand.isCompact, hand.position >= flows {
            hand = FlowIndex(compact: FlowIndex(rawValue: 0))
        }
        guard !hand.isCompact || hand.position < compact else { return nil }
        defer { hand = FlowIndex(rawValue: hand.rawValue + 1) }
        return hand
    }

    /// Whether the connection at the place that was just reached was looked at elsewhere.
    mutating func takeSeen(_ place: FlowIndex) -> Bool {
        !seen.isEmpty && seen.remove(place) != nil
    }

    /// A connection that is left to be looked at; nil at the end of the round, and the next one begins.
    mutating func takeMissed() -> UInt32? {
        while true {
            while let serial = next.popLast() {
                if missed.remove(serial) != nil { return serial }
            }
            if missed.isEmpty { break }
            next = Array(missed)
        }
        self = SweepRound()
        return nil
    }

    /// Notes that a connection has gone to another place. O(1).
    @usableFromInline
    mutating func noteMove(_ old: FlowIndex, to index: FlowIndex, _ serial: UInt32) {
        guard hand.rawValue > 0 else { return }
        let wasMissed = !missed.isEmpty && missed.remove(serial) != nil
        let wasAhead = takeSeen(old)
        let wasSeen = isBehind(old) ? !wasMissed : wasAhead
        if wasSeen, !isBehind(index) { seen.insert(index) }
        if !wasSeen, isBehind(index) { missed.insert(serial) }
    }

    /// Notes that nothing is at a place any more. O(1).
    @usableFromInline
    mutating func forget(_ place: FlowIndex) {
        if !seen.isEmpty { seen.remove(place) }
    }

    private func isBehind(_ place: FlowIndex) -> Bool { place.rawValue < hand.rawValue }
}
