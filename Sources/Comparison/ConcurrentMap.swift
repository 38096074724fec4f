internal import Dispatch
internal import Synchronization

/// The results of some calls for 0, 1, … in that order, made on all processors.
///
/// - Parameter body: is called once for each number, in any order and by several threads.
package func concurrentMap<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { index in
        let result = body(index)
        results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap(\.self) }
}

/// Cuts some places into at most so many stretches of about equal length.
package func stretches(of count: Int, atMost limit: Int = 64) -> [Range<Int>] {
    let number = min(count, limit)
    return (0..<number).map { (count * $0 / number)..<(count * ($0 + 1) / number) }
}
