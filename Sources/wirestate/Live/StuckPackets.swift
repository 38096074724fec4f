import TCPState
import Wire

/// Keeps the packets of connections that get stuck, and of no others: those before it as far back as
/// its memory reaches, and all that come after.
struct StuckPackets {
    /// The last packets, one after the other: see ``Entry``. Older ones make room for new ones.
    private var ring: [UInt8]
    private var start = 0
    private var entries: [Entry] = []
    private var first = 0
    private var stuck: Set<FlowKey> = []
    private let recorder: RotatingCaptureWriter

    private struct Entry {
        let key: FlowKey
        let time: Timestamp
        let wireLength: Int
        let place: Int
        let length: Int
    }

    /// - Parameter memory: bytes of packets to keep.
    init(_ recorder: RotatingCaptureWriter, memory: Int = 64 << 20) {
        self.recorder = recorder
        ring = [UInt8](repeating: 0, count: memory)
    }

    /// Takes a packet of a connection.
    mutating func take(_ key: FlowKey, _ bytes: Span<UInt8>, wireLength: Int, at time: Timestamp) {
        if stuck.contains(key) {
            recorder.write(bytes, wireLength: wireLength, at: time)
            return
        }
        guard bytes.count <= ring.count / 2 else { return }
        if start + bytes.count > ring.count {
            // The oldest lie behind the last one, where it is too narrow now.
            while first < entries.count, entries[first].place >= start { first += 1 }
            start = 0
        }
        let end = start + bytes.count
        // What lies where the new packet goes is forgotten.
        while first < entries.count, entries[first].place < end,
            entries[first].place + entries[first].length > start
        {
            first += 1
        }
        if first > 1 << 16, first * 2 > entries.count {
            entries.removeFirst(first)
            first = 0
        }
        for index in bytes.indices { ring[start + index] = bytes[index] }
        entries.append(
            Entry(
                key: key, time: time, wireLength: wireLength, place: start, length: bytes.count))
        start = end
    }

    /// A connection is stuck: writes its packets so far.
    mutating func begin(_ key: FlowKey) {
        guard stuck.insert(key).inserted else { return }
        for entry in entries[first...] where entry.key == key {
            let span = ring.span.extracting(entry.place..<(entry.place + entry.length))
            recorder.write(span, wireLength: entry.wireLength, at: entry.time)
        }
    }

    /// A connection has departed: its addresses and ports mean nothing any more.
    mutating func forget(_ key: FlowKey) { stuck.remove(key) }
}
