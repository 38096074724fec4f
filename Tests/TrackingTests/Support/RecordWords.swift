import TCPState
import Tracking

extension ConnectionRecord {
    /// All that it says, but for what means nothing: the last number of an end while that does not repeat itself.
    var words: String {
        let ends = Side.allCases.map { "\(connection[$0].first) \(connection[$0].sinceFrame)" }
        var numbers = ConnectionArchive(connection).numbers
        let last = [9 + (numbers.count - 9) / 2 - 1, numbers.count - 1]
        for (side, index) in zip(Side.allCases, last)
        where !connection[side].seen.contains(.retransmitted) {
            numbers[index] = 0
        }
        return "\(key) \(scope) \(connection.serial) \(connection.stream)"
            + " \(connection.firstFrame) \(connection.lastFrame) \(connection.gaps) \(ends)"
            + " \(numbers) \(rareFacts as Any)"
    }
}
