import Dispatch
import Synchronization

/// Passes on in order what several threads make in any.
final class OrderedPieces<Piece: Sendable>: @unchecked Sendable {
    private struct State {
        var next = 0
        var early: [Int: Piece] = [:]
        var isPassingOn = false

        mutating func takeNext() -> Piece? {
            guard !isPassingOn, let piece = early.removeValue(forKey: next) else { return nil }
            isPassingOn = true
            return piece
        }
    }

    private let state = Mutex(State())
    /// Called by one thread at a time: the one that has set `isPassingOn`.
    private let body: (Piece) -> Void

    /// Pieces that may wait: a reader of the output that is slow stops those who make them.
    private static var limit: Int { 64 }

    init(_ body: @escaping (Piece) -> Void) { self.body = body }

    func add(_ piece: Piece, number: Int) {
        var backoff = Backoff()
        // The next one never waits here, so that there is always a thread that goes on.
        while !state.withLock({ number - $0.next < OrderedPieces.limit }) { backoff.wait() }
        state.withLock { $0.early[number] = piece }
        while let next = state.withLock({ $0.takeNext() }) {
            body(next)
            state.withLock { state in
                state.next += 1
                state.isPassingOn = false
            }
        }
    }
}

extension OrderedPieces {
    /// Makes pieces on several threads and passes them on in order.
    ///
    /// - Parameters:
    ///   - make: makes the piece of a number, on any thread, several at once.
    ///   - body: takes the pieces in order, on any thread, one at a time.
    static func make(
        _ count: Int, threads: Int, _ make: @Sendable (Int) -> Piece,
        _ body: @escaping (Piece) -> Void
    ) {
        let pieces = OrderedPieces(body)
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
            while true {
                let number = next.add(1, ordering: .relaxed).oldValue
                guard number < count else { return }
                pieces.add(make(number), number: number)
            }
        }
    }
}
