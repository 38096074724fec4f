public import TCPState
public import Wire

/// What a capture itself lacks or adds, so that nobody blames the network for it.
///
/// Every connection is given to it once, when it departs; the frames that were looked at and the
/// account of the reader complete it. See ``flaws``.
public struct CaptureQuality: Sendable {
    /// Connections.
    public private(set) var connections: UInt64 = 0
    /// Connections whose handshake is not in the capture.
    public private(set) var midStream: UInt64 = 0
    /// Connections that were in use when the capture stopped: open, with a segment in the last minute.
    public private(set) var inUse: UInt64 = 0
    /// Connections of which one end was seen to send and the other was not, though it was acknowledged.
    public private(set) var oneDirection: UInt64 = 0
    /// Connections with bytes that were acknowledged and are not in the capture.
    public private(set) var withHoles: UInt64 = 0
    /// Connections of which anything is missing: their beginning, a direction, bytes.
    public private(set) var incomplete: UInt64 = 0
    /// Bytes that were acknowledged and are not in the capture.
    public private(set) var missingBytes: UInt64 = 0
    /// Bytes of payload that are in it.
    public private(set) var payloadBytes: UInt64 = 0
    /// Connections that a ``ClockGapDetector/gapsBetweenFiles`` divides, and those among them with holes, by gap.
    public private(set) var divided: [(all: UInt64, withHoles: UInt64)] = []
    /// Segments without SYN, FIN and RST.
    public private(set) var plainSegments: UInt64 = 0
    /// Connections with both SYNs and a FIN or RST.
    public private(set) var wholeLives: UInt64 = 0
    /// Segments without SYN in connections, or with one.
    public private(set) var segmentsWithSYN: UInt64 = 0
    /// All segments of connections.
    public private(set) var segmentsOfAll: UInt64 = 0
    /// Connections with a SYN that was sent again.
    public private(set) var repeatedSYNs: UInt64 = 0
    /// When the first connection began and the last one was seen.
    public private(set) var span = (
        first: Timestamp(nanoseconds: .max), last: Timestamp(nanoseconds: .min)
    )
    /// The streams, as Wireshark counts; nil where connections left a full table and took their numbers along.
    public private(set) var streams: UInt64? = 0

    /// The frames that were looked at.
    public var frames = FrameSampler()
    /// The capture's clock.
    public var times = ClockGapDetector()
    /// The checksums, if they were verified.
    public var checksums: ChecksumStatistics?
    /// Frames read.
    public var framesRead: UInt64 = 0
    /// Frames older than the one before them.
    public var framesBackInTime: UInt64 = 0
    /// Packets that the capture lost, as it says itself; nil where it says nothing.
    public var lostPackets: UInt64?

    /// In use: a segment within this time before the end. Our choice.
    public static let recently: TimeSpan = 60_000_000_000

    /// Begins with nothing.
    public init() {}

    /// Takes over from another one everything but the connections.
    public mutating func complete(with other: CaptureQuality) {
        frames = other.frames
        times = other.times
        checksums = other.checksums
        framesRead = other.framesRead
        framesBackInTime = other.framesBackInTime
        lostPackets = other.lostPackets
    }

    /// Adds what another one counted of other connections.
    public mutating func add(_ other: CaptureQuality) {
        connections += other.connections
        midStream += other.midStream
        oneDirection += other.oneDirection
        withHoles += other.withHoles
        incomplete += other.incomplete
        missingBytes &+= other.missingBytes
        payloadBytes &+= other.payloadBytes
        plainSegments &+= other.plainSegments
        wholeLives += other.wholeLives
        segmentsWithSYN &+= other.segmentsWithSYN
        segmentsOfAll &+= other.segmentsOfAll
        repeatedSYNs += other.repeatedSYNs
        span = (min(span.first, other.span.first), max(span.last, other.span.last))
        inUse += other.inUse
        for (index, gap) in other.divided.enumerated() {
            if divided.count <= index { divided.append((0, 0)) }
            divided[index].all += gap.all
            divided[index].withHoles += gap.withHoles
        }
        if let count = streams { streams = other.streams.map { max(count, $0) } }
    }

    /// Counts a connection.
    ///
    /// - Parameter end: when the capture ended; nil for a connection that left a full table before that.
    public mutating func add(
        _ record: borrowing @_addressable ConnectionRecord, at end: Timestamp?
    ) {
        connections += 1
        let isMidStream = record.connection.anomalies.contains(.midStream)
        let isOneDirection = Self.isOneDirection(record.connection)
        let isHollow = countData(record.connection)
        if isMidStream { midStream += 1 }
        if isOneDirection { oneDirection += 1 }
        if isHollow { withHoles += 1 }
        if isMidStream || isOneDirection || isHollow { incomplete += 1 }
        plainSegments &+= record.connection[.low].plainSegments
        plainSegments &+= record.connection[.high].plainSegments
        if Self.isWhole(record.connection) { wholeLives += 1 }
        let low = record.connection[.low].synCount
        let high = record.connection[.high].synCount
        segmentsWithSYN &+= UInt64(low) + UInt64(high)
        segmentsOfAll &+= record.connection[.low].packets &+ record.connection[.high].packets
        if max(low, high) > 1 { repeatedSYNs += 1 }
        span = (
            min(span.first, record.connection.firstSeen), max(span.last, record.connection.lastSeen)
        )
        guard let end else {
            streams = nil
            return
        }
        if let count = streams { streams = max(count, UInt64(record.connection.stream) + 1) }
        let isOpen =
            !record.connection[.low].state.isGone && !record.connection[.high].state.isGone
        if isOpen, end - record.connection.lastSeen < Self.recently { inUse += 1 }
        if !times.gapsBetweenFiles.isEmpty { countGaps(record.connection, isHollow) }
    }

    /// Whether it has both SYNs and a FIN or RST.
    private static func isWhole(_ connection: borrowing @_addressable Connection) -> Bool {
        connection[.low].hasSentSYN && connection[.high].hasSentSYN
            && (connection[.low].hasSentFIN || connection[.high].hasSentFIN
                || connection[.low].rstCount | connection[.high].rstCount > 0)
    }

    /// Whether one end is missing though the other acknowledges it. A SYN that nobody answers is
    /// something else.
    private static func isOneDirection(_ connection: borrowing @_addressable Connection) -> Bool {
        if connection[.low].hasSent == connection[.high].hasSent { return false }
        return
            !(connection.client.hasSent && connection.client.hasSentSYN
            && connection.client.hasSentSYNsOnly)
    }

    /// Counts payload and what of it is missing: what the peer has acknowledged, less what went past.
    /// Returns whether something is.
    private mutating func countData(_ connection: borrowing @_addressable Connection) -> Bool {
        payloadBytes &+= connection[.low].payload &+ connection[.high].payload
        let missing = connection[.low].missingBytes &+ connection[.high].missingBytes
        missingBytes &+= missing
        // A keepalive probe and a forged number are off by one: a hole is larger.
        return missing > 1
    }

    private mutating func countGaps(
        _ connection: borrowing @_addressable Connection, _ isHollow: Bool
    ) {
        for (index, gap) in times.gapsBetweenFiles.enumerated()
        where connection.firstSeen <= gap.start && connection.lastSeen >= gap.end {
            if divided.count <= index {
                divided += Array(repeating: (0, 0), count: index + 1 - divided.count)
            }
            divided[index].all += 1
            if isHollow { divided[index].withHoles += 1 }
        }
    }
}

extension Endpoint {
    /// Segments that it sent without SYN, FIN and RST.
    fileprivate var plainSegments: UInt64 {
        @_addressableSelf get {
            packetsBesidesControl - min(packetsBesidesControl, UInt64(finCount))
        }
    }

    /// Bytes that its peer acknowledged and that did not go past.
    fileprivate var missingBytes: UInt64 {
        @_addressableSelf get {
            guard hasSent, packets > UInt64(rstCount) else { return 0 }
            let controlNumbers: Int32 = (hasSentSYN ? 1 : 0) + (isFINAcknowledged ? 1 : 0)
            let taken = sendUnacknowledged.distance(from: initialSendSequence)
            // Over 2 GiB the numbers begin again: more went past than they tell.
            let bytes = UInt64(max(0, taken &- controlNumbers))
            return taken > 0 && bytes > payload ? bytes - payload : 0
        }
    }
}
