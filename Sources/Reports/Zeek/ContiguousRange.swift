/// Which bytes of one direction have passed without a hole, and what was acknowledged unseen.
///
/// Keeps at most ``limit`` pieces behind the first hole: O(limit) a segment.
struct ContiguousRange {
    /// Pieces behind a hole that are kept; what comes beyond counts as missed once it is acknowledged.
    static let limit = 64

    /// Bytes that the peer acknowledged and no packet carried.
    private(set) var missed: UInt64 = 0
    private var end: Int64?
    /// Behind the first hole, in order, without overlap.
    private var pieces: [Range<Int64>] = []

    /// A segment's bytes passed.
    mutating func add(_ range: Range<Int64>) {
        guard let end else { return self.end = range.upperBound }
        guard range.upperBound > end else { return }
        if range.lowerBound <= end {
            self.end = range.upperBound
            mergeAdjacent()
        } else {
            let index = pieces.firstIndex { $0.upperBound >= range.lowerBound } ?? pieces.count
            var whole = range
            var last = index
            while last < pieces.count, pieces[last].lowerBound <= range.upperBound {
                whole =
                    min(
                        whole.lowerBound, pieces[last].lowerBound)..<max(
                        whole.upperBound, pieces[last].upperBound)
                last += 1
            }
            pieces.replaceSubrange(index..<last, with: [whole])
            if pieces.count > ContiguousRange.limit { pieces.removeLast() }
        }
    }

    /// The peer acknowledged everything before a number. Returns whether it had a hole.
    mutating func acknowledge(_ number: Int64) -> Bool {
        guard let end else {
            self.end = number
            return false
        }
        guard number > end else { return false }
        let passed = pieces.reduce(into: Int64(0)) { sum, piece in
            sum &+= max(0, min(piece.upperBound, number) &- piece.lowerBound)
        }
        missed &+= UInt64(max(0, number &- end &- passed))
        self.end = number
        mergeAdjacent()
        return true
    }

    /// Takes up the pieces that the first hole no longer parts from the rest.
    private mutating func mergeAdjacent() {
        guard var end else { return }
        let kept = pieces.firstIndex { $0.lowerBound > end } ?? pieces.count
        for piece in pieces[..<kept] { end = max(end, piece.upperBound) }
        // A piece that was taken up may reach the next one.
        pieces.removeSubrange(..<kept)
        self.end = end
        if let next = pieces.first, next.lowerBound <= end { mergeAdjacent() }
    }
}
