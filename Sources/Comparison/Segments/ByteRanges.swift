internal import Wire

/// Which sequence numbers some segments take up: disjoint ranges in order, counted from a first number.
struct ByteRanges {
    private let base: SequenceNumber
    private var starts: [Int64] = []
    private var ends: [Int64] = []

    /// - Parameters:
    ///   - segments: in any order; those that take up no numbers are left out.
    ///   - base: a number near all of them.
    init(_ segments: some Sequence<TapSegment>, base: SequenceNumber) {
        self.base = base
        var pieces: [(Int64, Int64)] = []
        for segment in segments where segment.isSequenced {
            let start = Int64(segment.sequenceNumber.distance(from: base))
            pieces.append((start, start + Int64(segment.length)))
        }
        for (start, end) in pieces.sorted(by: { $0 < $1 }) {
            if let last = ends.last, start <= last {
                ends[ends.count - 1] = max(last, end)
            } else {
                starts.append(start)
                ends.append(end)
            }
        }
    }

    /// Whether a segment's numbers are all in one of the ranges.
    func cover(_ number: SequenceNumber, length: UInt32) -> Bool {
        let start = Int64(number.distance(from: base))
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= start { low = middle + 1 } else { high = middle }
        }
        return low > 0 && start + Int64(length) <= ends[low - 1]
    }
}
