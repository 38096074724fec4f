internal import TCPState
public import Wire

/// Takes the frames of one tap in the order of time, and keeps 48 bytes of each segment.
///
/// Memory: at most `limit` segments, a connection counting as four. What comes after is counted as left out.
public struct TapRecorder: ~Copyable {
    private let name: String
    private let limit: Int
    private let decoder = Decoder()
    private var segment = Segment()
    private var counts = Tap.Counts()
    /// The segments in parts of equal length, so that none is ever copied to make room.
    private var parts: [[TapSegment]] = []
    private var count = 0
    private var connections: [TapConnection] = []
    private var errors: [TapICMP] = []
    /// The latest connection of each tuple.
    private var latest: [Tuple: UInt32] = [:]
    /// The tuple of the segment before, which is often that of the next one.
    private var recent: (tuple: Tuple, connection: UInt32)?

    /// Connections of one tap on equal addresses and ports, told apart by VLANs and tunnels.
    private struct Tuple: Hashable {
        let key: FlowKey
        let scope: UInt32

        /// All of it, in few words.
        func hash(into hasher: inout Hasher) {
            hasher.combine(key.low.high)
            hasher.combine(key.low.low)
            hasher.combine(key.high.high)
            hasher.combine(key.high.low)
            hasher.combine(UInt64(key.lowPort) << 48 | UInt64(key.highPort) << 32 | UInt64(scope))
        }
    }

    private static let partLength = 1 << 14
    /// A connection takes the room of as many segments.
    private static let connectionCost = 4

    private var hasRoom: Bool {
        count + TapRecorder.connectionCost * connections.count < limit
    }

    /// - Parameters:
    ///   - name: the tap's.
    ///   - limit: segments that are kept; each connection takes the room of four.
    public init(name: String, limit: Int) {
        self.name = name
        self.limit = min(limit, Int(Int32.max))
    }

    /// Takes a frame.
    ///
    /// - Parameter frame: what reports call it.
    public mutating func receive(
        _ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int, at time: Timestamp, frame: UInt64
    ) {
        counts.frames += 1
        counts.first = min(counts.first ?? time, time)
        counts.last = max(counts.last ?? time, time)
        if !counts.hasNanoseconds, time.nanoseconds % 1000 != 0 { counts.hasNanoseconds = true }
        switch decoder.decode(bytes, linkType: linkType, wireLength: wireLength, into: &segment) {
        case .segment:
            counts.segments += 1
            guard hasRoom else {
                counts.leftOut += 1
                if counts.fullSince == nil { counts.fullSince = time }
                return
            }
            let transport = decoder.transport(
                of: segment, in: bytes, linkType: linkType, wireLength: wireLength)
            keep(transport, at: time, frame: frame)
        case .icmpError(let error):
            keep(error, at: time, frame: frame)
        case .setAside: break
        }
    }

    private mutating func keep(_ transport: Span<UInt8>, at time: Timestamp, frame: UInt64) {
        let side = FlowKey.sender(of: segment)
        let tuple = Tuple(key: FlowKey(segment, sender: side), scope: segment.scope)
        let connection = connection(of: tuple, side, at: time)
        connections[Int(connection)].last = max(connections[Int(connection)].last, time)
        if count % TapRecorder.partLength == 0 {
            parts.append([])
            parts[parts.count - 1].reserveCapacity(TapRecorder.partLength)
        }
        parts[parts.count - 1].append(
            TapSegment(
                segment, transport, from: side, connection: connection, at: time, frame: frame))
        count += 1
    }

    /// The connection that the segment belongs to; a new one for a SYN with another initial sequence number.
    private mutating func connection(
        of tuple: Tuple, _ side: Side, at time: Timestamp
    ) -> UInt32 {
        let isSYN = segment.flags.contains(.syn)
        if !isSYN, let recent, recent.tuple == tuple { return recent.connection }
        let isOpening = isSYN && !segment.flags.contains(.ack)
        var found = latest[tuple]
        if isOpening, let known = found {
            let own = connections[Int(known)][side]?.initialSequenceNumber
            // Without one, the SYN belongs to a peer that opens too, or whose SYN,ACK was captured first.
            let isAnother =
                own.map { $0 != segment.sequenceNumber }
                ?? (connections[Int(known)][side.peer] == nil)
            if isAnother { found = nil }
        }
        let connection = found ?? open(tuple, side, at: time)
        if isSYN, connections[Int(connection)][side] == nil {
            connections[Int(connection)][side] = TapConnection.SYN(
                initialSequenceNumber: segment.sequenceNumber, options: segment.options)
            if !isOpening {
                connections[Int(connection)].acknowledge(
                    segment.acknowledgmentNumber, of: side.peer)
            }
            if !connections[Int(connection)].isOpenerKnown {
                connections[Int(connection)].isOpenerKnown = true
                connections[Int(connection)].opener = isOpening ? side : side.peer
            }
        }
        recent = (tuple, connection)
        return connection
    }

    private mutating func open(_ tuple: Tuple, _ side: Side, at time: Timestamp) -> UInt32 {
        let key = tuple.key
        let guess: Side = key.port(side) >= key.port(side.peer) ? side : side.peer
        connections.append(TapConnection(key, opener: guess, at: time))
        let connection = UInt32(connections.count - 1)
        latest[tuple] = connection
        return connection
    }

    /// Keeps an ICMP error that quotes a segment of a known connection.
    private mutating func keep(_ error: ICMPError, at time: Timestamp, frame: UInt64) {
        let side = FlowKey.sender(of: segment)
        let tuple = Tuple(key: FlowKey(segment, sender: side), scope: segment.scope)
        guard errors.count < limit, let connection = latest[tuple] else { return }
        errors.append(
            TapICMP(
                time: time, frame: frame, connection: connection, side: side,
                sequenceNumber: segment.sequenceNumber, error: error))
    }

    /// All that was kept.
    ///
    /// - Parameters:
    ///   - dropped: packets that the capture itself lost, as its file says.
    ///   - replacement: what results have for an address.
    public consuming func finish(
        dropped: UInt64?, replacing replacement: ((Address) -> Address)? = nil
    ) -> Tap {
        counts.dropped = dropped
        if let replacement {
            connections = connections.map { $0.replacingAddresses(replacement) }
        }
        // The only reference: each part is freed as soon as it is read.
        var taken: [[TapSegment]] = []
        swap(&taken, &parts)
        return Tap(
            name: name, parts: consume taken, connections: connections, errors: errors,
            counts: counts)
    }
}
