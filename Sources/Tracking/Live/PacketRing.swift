public import TCPState
public import Wire

/// The last packets of a run, and which of them are whose: older ones make room for new ones.
///
/// Adding a packet is O(its bytes); taking those of a connection is O(their number), whatever else is kept.
public struct PacketRing: Sendable {
    private var memory: [UInt8]
    private var start = 0
    /// One for each packet that is kept, in order, the oldest at `first`; they are counted from the start of the run.
    private var entries: [Entry] = []
    private var first = 0
    /// How many entries have left the list's front.
    private var gone = 0
    /// The number of each connection's last packet that is kept.
    private var last: [FlowKey: Int] = [:]

    private struct Entry {
        let key: FlowKey
        let time: Timestamp
        let wireLength: Int
        let offset: Int
        let length: Int
        /// The number of the connection's packet before it; -1 if there was none.
        let previous: Int
    }

    /// - Parameter capacity: how many bytes of packets are kept.
    public init(capacity: Int) { memory = [UInt8](repeating: 0, count: capacity) }

    /// Adds a packet of a connection. One that is longer than half of the memory is left out.
    public mutating func add(
        _ bytes: Span<UInt8>, of key: FlowKey, wireLength: Int, at time: Timestamp
    ) {
        guard bytes.count <= memory.count / 2 else { return }
        if start + bytes.count > memory.count {
            // The oldest lie behind the last one, where it is too narrow now.
            while first < entries.count, entries[first].offset >= start { forgetOldest() }
            start = 0
        }
        let end = start + bytes.count
        // What lies where the new packet goes is forgotten.
        while first < entries.count, entries[first].offset < end,
            entries[first].offset + entries[first].length > start
        {
            forgetOldest()
        }
        if first > 1 << 16, first * 2 > entries.count {
            entries.removeFirst(first)
            gone += first
            first = 0
        }
        for index in bytes.indices { memory[start + index] = bytes[index] }
        let previous = last.updateValue(gone + entries.count, forKey: key) ?? -1
        entries.append(
            Entry(
                key: key, time: time, wireLength: wireLength, offset: start, length: bytes.count,
                previous: previous))
        start = end
    }

    /// Shows the packets of a connection that are kept to `body`, in order; they are not shown again.
    public mutating func removeAll(
        _ key: FlowKey, _ body: (_ bytes: Span<UInt8>, _ wireLength: Int, _ time: Timestamp) -> Void
    ) {
        var numbers: [Int] = []
        var number = last.removeValue(forKey: key) ?? -1
        while number >= gone + first {
            numbers.append(number)
            number = entries[number - gone].previous
        }
        for number in numbers.reversed() {
            let entry = entries[number - gone]
            body(
                memory.span.extracting(entry.offset..<(entry.offset + entry.length)),
                entry.wireLength, entry.time)
        }
    }

    private mutating func forgetOldest() {
        let key = entries[first].key
        if last[key] == gone + first { last[key] = nil }
        first += 1
    }
}
