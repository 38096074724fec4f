public import Wire

/// What Suricata's `flow` record counts of a connection, fed with every segment.
///
/// Suricata, `src/output-json-flow.c`.
public struct EVEFlow: Sendable {
    /// One direction.
    struct Direction: Sendable {
        var packets: UInt64 = 0
        /// Bytes of whole frames.
        var bytes: UInt64 = 0
        /// All control bits seen: the low eight of them.
        var flags: UInt8 = 0
    }

    private(set) var directions = [2 of Direction](repeating: Direction())
    private(set) var first: Timestamp
    private(set) var last: Timestamp

    /// Begins with the connection's first segment, which is still to be taken.
    public init(at time: Timestamp) {
        first = time
        last = time
    }

    /// Takes a segment.
    ///
    /// - Parameters:
    ///   - isFromLow: which end of the flow key sent it.
    ///   - wireLength: the frame's length in bytes.
    public mutating func receive(
        _ segment: Segment, isFromLow: Bool, wireLength: Int, at time: Timestamp
    ) {
        let index = isFromLow ? 0 : 1
        directions[index].packets &+= 1
        directions[index].bytes &+= UInt64(max(0, wireLength))
        directions[index].flags |= UInt8(truncatingIfNeeded: segment.flags.rawValue)
        first = min(first, time)
        last = max(last, time)
    }
}
