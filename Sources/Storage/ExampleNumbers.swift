internal import Diagnosis
internal import TCPState
internal import Wire

/// A connection as findings name it.
struct ConnectionName: Comparable, Sendable {
    let stream: UInt32
    let first: Timestamp

    init(_ connection: Connection) {
        stream = connection.stream
        first = connection.firstSeen
    }

    init(_ example: FindingExample) {
        stream = example.stream
        first = example.firstSeen
    }

    static func < (a: ConnectionName, b: ConnectionName) -> Bool {
        (a.stream, a.first) < (b.stream, b.first)
    }
}

/// A connection with its number.
struct NumberedConnection: Sendable {
    let name: ConnectionName
    let serial: UInt32
}

/// The numbers of the connections that findings name, which are known once the connections are written.
///
/// Streams are numbered densely: every connection asks, and for most of them the answer is one access of an array.
struct ExampleNumbers: Sendable {
    /// In order, with the numbers.
    private var names: [(name: ConnectionName, serial: UInt32?)]
    /// By stream the first place in `names`, from 1; 0 without any.
    private var places: [UInt32]

    /// O(n log n).
    init(of examples: [ConnectionName]) {
        names = []
        for name in examples.sorted() where names.last?.name != name { names.append((name, nil)) }
        places = Array(repeating: 0, count: names.last.map { Int($0.name.stream) + 1 } ?? 0)
        for place in names.indices.reversed() {
            places[Int(names[place].name.stream)] = UInt32(truncatingIfNeeded: place + 1)
        }
    }

    /// Keeps the number of a connection, if it is one of them.
    mutating func note(_ connection: NumberedConnection) {
        if let place = place(of: connection.name) { names[place].serial = connection.serial }
    }

    /// The number of a connection; nil where it is not known.
    subscript(name: ConnectionName) -> UInt32? { place(of: name).flatMap { names[$0].serial } }

    private func place(of name: ConnectionName) -> Int? {
        guard name.stream < places.count, places[Int(name.stream)] > 0 else { return nil }
        // Many connections may be of one stream.
        var (low, high) = (Int(places[Int(name.stream)]) - 1, names.count)
        while low < high {
            let middle = (low + high) / 2
            if names[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < names.count && names[low].name == name ? low : nil
    }
}
