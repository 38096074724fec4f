internal import TCPState
internal import Tracking
internal import Wire

/// Values that are at the edge of some type, or beyond it.
private let edges: [Int64] = [
    0, 1, -1, 127, 255, 256, 65_535, 65_536, 1 << 31, -(1 << 31), 1 << 32, 1 << 62, .max, .min,
    1_700_000_000_000_000_000, -1_700_000_000_000_000_000,
]

/// A script makes connections, which are written down; the third byte says how many of their numbers are
/// changed then, three bytes each: which connection, which number, and to what. Another tracker takes them
/// up and goes on with the same script.
func fuzzArchive(_ bytes: Span<UInt8>) {
    guard let damaged = DamagedScript(bytes) else { return }
    let script = damaged.script
    var first = script.tracker
    script.play(to: &first)
    var keys: [FlowKey] = []
    var archives: [[Int64]] = []
    first.look { record in
        keys.append(record.key)
        archives.append(ConnectionArchive(record.connection).numbers)
    }
    for numbers in archives {
        // What nobody has changed is taken up, and written down once more it is the same: but for the name of
        // an assumption, which the first time is left out.
        let once = ConnectionArchive(numbers: numbers).connection(serial: 0, stream: 0)
            .map { ConnectionArchive($0).numbers }
        let twice = once.flatMap {
            ConnectionArchive(numbers: $0).connection(serial: 0, stream: 0)
        }
        require(twice != nil, "what was written down is not taken up")
        require(twice.map { ConnectionArchive($0).numbers } == once, "it is another connection")
    }
    for (connection, number, value) in damaged.changes where !archives.isEmpty {
        let index = Int(connection) % archives.count
        let number = Int(number) % archives[index].count
        archives[index][number] =
            value < 128 ? Int64(value) : edges[Int(value & 15)] &+ Int64(value >> 4 & 3)
    }
    var second = script.tracker
    let now = first.counts.last ?? Timestamp(nanoseconds: 0)
    for (key, numbers) in zip(keys, archives) {
        _ = second.adopt(ConnectionArchive(numbers: numbers), on: key, at: now)
    }
    script.play(to: &second)
    second.observer.end = second.counts.last
    second.finish()
    require(
        second.counts.connections == UInt64(second.observer.records.count),
        "a connection was lost")
}
