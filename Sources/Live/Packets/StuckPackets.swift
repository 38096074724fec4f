import TCPState
import Tracking
import Wire

/// Keeps the packets of connections that get stuck, and of no others: those before it as far back as
/// its memory reaches, and all that come after.
struct StuckPackets {
    private var ring: PacketRing
    private var stuck: Set<FlowKey> = []
    private let packetWriter: RotatingCaptureWriter

    /// - Parameter memory: bytes of packets to keep.
    init(_ packetWriter: RotatingCaptureWriter, memory: Int = 64 << 20) {
        self.packetWriter = packetWriter
        ring = PacketRing(capacity: memory)
    }

    /// Takes a packet of a connection.
    mutating func store(_ key: FlowKey, _ bytes: Span<UInt8>, wireLength: Int, at time: Timestamp) {
        if stuck.contains(key) {
            packetWriter.write(bytes, wireLength: wireLength, at: time)
        } else {
            ring.add(bytes, of: key, wireLength: wireLength, at: time)
        }
    }

    /// A connection is stuck: writes its packets so far.
    mutating func begin(_ key: FlowKey) {
        guard stuck.insert(key).inserted else { return }
        ring.removeAll(key) { packetWriter.write($0, wireLength: $1, at: $2) }
    }

    /// A connection has departed: its addresses and ports mean nothing any more.
    mutating func forget(_ key: FlowKey) { stuck.remove(key) }
}
