public import Tracking

extension HistoriesByConnection {
    /// Makes pieces of output of some histories each, on several threads, and passes them on in the order of the
    /// connections' first segments.
    ///
    /// - Parameters:
    ///   - size: connections of a piece: enough to outweigh the synchronisation, few enough to stay in the cache.
    ///   - make: makes a piece, on any thread, several at once.
    ///   - body: takes the pieces in order, on any thread, one at a time.
    public func pieces<Piece: Sendable>(
        of size: Int = 128, threads: Int, _ make: @Sendable (Histories) -> Piece,
        _ body: @escaping (Piece) -> Void
    ) {
        OrderedPieces.make((count + size - 1) / size, threads: threads) { number in
            make(self[number * size..<min(count, number * size + size)])
        } _: {
            body($0)
        }
    }
}
