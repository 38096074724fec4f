import Wire

/// A made-up TCP segment on its way.
struct Packet {
    /// Microseconds since the capture began.
    var time: UInt64
    var source: Host
    var destination: Host
    var flags: TCPFlags
    var sequenceNumber: UInt32
    var acknowledgmentNumber: UInt32
    /// Bytes.
    var payload = 0
    /// Whether it has options: timestamps, and in a SYN those of Linux.
    var hasOptions = true

    /// The value of its timestamp option, in milliseconds.
    var timestamp: UInt32 { source.clock &+ UInt32(truncatingIfNeeded: time / 1000) }
    /// The other side's timestamp that it echoes: as if it were a millisecond under way.
    var echo: UInt32 {
        guard flags.contains(.ack) else { return 0 }
        return destination.clock &+ UInt32(truncatingIfNeeded: time / 1000) &- 1
    }
}
