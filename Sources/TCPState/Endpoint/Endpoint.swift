public import Wire

/// One end of a connection: a shadow of what its kernel keeps. RFC 9293, section 3.3.1.
///
/// "Sent" and "received" are this endpoint's own. Fields named after RFC 9293's variables hold what
/// the tap knows of them, which may be less than the endpoint does.
public struct Endpoint: Sendable {
    /// The state, as it is best known: including what is only inferred.
    public var state: State = .unknown
    /// How sure `state` is.
    public var grade: Grade = .assumed
    /// IP identification of its latest segment that has to be acknowledged.
    @usableFromInline var identification: UInt16 = 0

    /// SND.NXT: the highest sequence number sent. Meaningful if `hasSent` or `isAcknowledged`.
    public var sendNext = SequenceNumber(0)
    /// SND.UNA: the highest acknowledgment that the peer has sent. Meaningful if `isAcknowledged`.
    public var sendUnacknowledged = SequenceNumber(0)
    /// RCV.NXT: everything before it went past the tap towards this endpoint, or was acknowledged by it.
    /// Meaningful if `hasReceived`.
    public var receiveNext = SequenceNumber(0)
    /// TS.Recent: TSval of the last segment that advanced RCV.NXT, or repeated what was before it.
    /// RFC 7323, section 4.3. Meaningful if `seen` contains `timestamps`.
    @usableFromInline var recentTimestamp: UInt32 = 0

    /// SND.WND's other side: the window that this endpoint last advertised, as it stood in the header.
    public var window: UInt16 = 0
    /// The shift count that it offered in its SYN.
    public var windowScale: UInt8 = 0
    /// Time to live of its latest segment.
    public var timeToLive: UInt8 = 0
    /// What is known so far.
    public var seen: Observations = []
    /// Retransmissions since the peer last acknowledged something new.
    public var unansweredRetransmissions: UInt16 = 0
    /// Keepalive probes since the peer last sent anything.
    public var unansweredKeepalives: UInt16 = 0

    /// Smallest time seen from a segment's passing towards this endpoint to its answer's passing back,
    /// how far this endpoint is from the tap. Nil before the first answer.
    public var roundTrip: TimeSpan? { leastRoundTrip == .max ? nil : leastRoundTrip }
    @usableFromInline var leastRoundTrip: TimeSpan = .max

    /// When it last sent anything.
    public var lastSent = Timestamp(nanoseconds: 0)
    /// When it last sent something new, which its peer has to acknowledge.
    public var lastNew = Timestamp(nanoseconds: 0)
    /// Since when something it sent has been waiting for an acknowledgment, without a pause.
    public var busySince = Timestamp(nanoseconds: 0)
    /// When its peer last acknowledged something new, or it began to wait for that.
    public var unacknowledgedSince = Timestamp(nanoseconds: 0)

    /// Segments that it sent.
    public var packets: UInt64 = 0
    /// IP bytes that it sent.
    public var bytes: UInt64 = 0
    /// Payload bytes that it sent, retransmissions included.
    public var payload: UInt64 = 0

    // What follows changes with the state or seldom; what stands above, with nearly every packet: in a `Flow` it ends with
    // a cache line, for either end.

    /// Segments with payload, SYN or FIN that it had sent before.
    public var retransmissions: UInt32 = 0
    /// When it last sent something again, in units of 2²⁰ ns, modulo 2³². Meaningful if `seen` contains
    /// `retransmitted`.
    @usableFromInline var repeatedTime: UInt32 = 0

    /// When `state` was entered: best estimate on the tap's clock.
    public var since = Timestamp(nanoseconds: 0)
    /// The frame that shows the entry into `state`.
    public var sinceFrame: UInt64 = 0
    /// ISS if `hasSentSYN`, else the first number that the capture shows. Meaningful if `hasSent`.
    public var initialSendSequence = SequenceNumber(0)
    /// The sequence number after this endpoint's FIN. Meaningful if `hasSentFIN`.
    public var finEnd = SequenceNumber(0)
    /// When it last closed its window to zero. Meaningful once it has.
    public var zeroWindowSince = Timestamp(nanoseconds: .min)
    /// Segments with SYN, without the tap's copies of one.
    public var synCount: UInt16 = 0
    /// Segments with FIN.
    public var finCount: UInt16 = 0
    /// Segments with RST.
    public var rstCount: UInt16 = 0
    /// Keepalive probes. RFC 1122, section 4.2.3.6.
    public var keepalives: UInt16 = 0
    /// SEG.ACK with which it last reported a hole by SACK (RFC 2018). Meaningful if `seen` contains
    /// `reportsHole`.
    @usableFromInline var holeAt = SequenceNumber(0)
    /// SEG.ACK that lies beyond what the tap has seen of its peer. Meaningful if `seen` contains
    /// `acknowledgedUnseen`.
    @usableFromInline var earlyAcknowledgment = SequenceNumber(0)
    /// Its first segment that is no RST. Meaningful if its `flags` are not empty or `hasSent`.
    public var first = FirstSegment()
    /// Segments with SYN that the tap saw once more, which `synCount` does not count.
    public var synCopies: UInt16 = 0
    /// When the first copy of its SYN, or later of its FIN, went past the tap.
    public var controlSeen = Timestamp(nanoseconds: .min)
    /// TSval of that copy, if it had one.
    @usableFromInline var controlTimestamp: UInt32 = 0
    /// The observer's name for the assumption that it was established when the capture began.
    @usableFromInline var presumedToken: UInt32 = 0
    /// Where the oldest of its transitions that are only inferred is kept. Meaningful if there are any.
    @usableFromInline var pendingFirst: UInt32 = 0

    /// From the time before to `repeatedTime`, in the same units: its retransmission timeout.
    @usableFromInline var repetitionGap: UInt32 = 0

    /// The same as a length of time: up to 1.05 ms too short.
    @inlinable var repetitionInterval: TimeSpan {
        @_addressableSelf get { TimeSpan(nanoseconds: Int64(repetitionGap) << 20) }
    }

    /// What the capture has shown about an endpoint.
    public struct Observations: OptionSet, Sendable {
        /// One bit per fact.
        public let rawValue: UInt32

        /// Wraps the bits.
        @inlinable
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// It has sent at least one segment.
        @inlinable public static var sent: Observations { Observations(rawValue: 1) }
        /// Its SYN was seen, so ISS is known.
        @inlinable public static var syn: Observations { Observations(rawValue: 2) }
        /// Its FIN was seen, so `finEnd` is known.
        @inlinable public static var fin: Observations { Observations(rawValue: 4) }
        /// The peer has sent an acknowledgment, so SND.UNA is known.
        @inlinable public static var acknowledged: Observations { Observations(rawValue: 8) }
        /// A segment went past towards it, so RCV.NXT is known.
        @inlinable public static var received: Observations { Observations(rawValue: 16) }
        /// Its SYN offered window scaling.
        @inlinable public static var windowScale: Observations { Observations(rawValue: 32) }
        /// It has advertised a zero window and nothing else since.
        @inlinable public static var zeroWindow: Observations { Observations(rawValue: 64) }
        /// It receives timestamps.
        @inlinable public static var timestamps: Observations { Observations(rawValue: 128) }
        /// Its last new segment was retransmitted since, so it gives no round-trip sample.
        @inlinable public static var retransmitted: Observations { Observations(rawValue: 256) }
        /// It accepted data that its peer sent after this endpoint's FIN was acknowledged: the
        /// program still holds the socket.
        @inlinable public static var receivesAfterFIN: Observations { Observations(rawValue: 512) }
        /// Its SYN carried data.
        @inlinable public static var fastOpen: Observations { Observations(rawValue: 1024) }
        /// It sent payload after its peer's FIN was acknowledged: a half-close that works.
        @inlinable public static var sendsAfterPeerFIN: Observations {
            Observations(rawValue: 2048)
        }
        /// Its last acknowledgment covered data that the capture does not show.
        @inlinable public static var acknowledgedUnseen: Observations {
            Observations(rawValue: 16384)
        }
        /// A SYN,ACK that went past towards it was not answered: the next ones may be lost as well.
        @inlinable public static var missedSYNACK: Observations { Observations(rawValue: 32768) }
        /// A copy of its FIN did not acknowledge the peer's FIN.
        @inlinable public static var sentFINFirst: Observations { Observations(rawValue: 4096) }
        /// It has answered once after more than a second: see `Endpoint.noteRoundTrip(_:)`.
        @inlinable public static var answeredLate: Observations { Observations(rawValue: 8192) }
        /// It had filled its peer's window: more may have waited in its send queue.
        @inlinable public static var windowFull: Observations { Observations(rawValue: 131072) }
        /// It sent more payload at once than any network carries: a network card cuts it up later.
        @inlinable public static var superSegments: Observations { Observations(rawValue: 262144) }
        /// It has reported by SACK that it misses something before what it has.
        @inlinable public static var reportsHole: Observations { Observations(rawValue: 524_288) }
        /// It was assumed to be established when the capture began.
        @inlinable public static var presumed: Observations { Observations(rawValue: 65536) }
    }

    @usableFromInline init() {}

    /// Whether it has sent at least one segment.
    @inlinable
    public var hasSent: Bool { seen.contains(.sent) }
    /// Whether its SYN was seen.
    @inlinable
    public var hasSentSYN: Bool { seen.contains(.syn) }
    /// Whether its FIN was seen.
    @inlinable
    public var hasSentFIN: Bool { seen.contains(.fin) }
    /// Whether its peer has acknowledged anything.
    @inlinable
    public var isAcknowledged: Bool { seen.contains(.acknowledged) }
    /// Whether a segment went past towards it.
    @inlinable
    public var hasReceived: Bool { seen.contains(.received) }
    /// Whether its FIN is acknowledged: SND.UNA covers it, not merely "an ACK came after it".
    @inlinable
    public var isFINAcknowledged: Bool {
        hasSentFIN && isAcknowledged && sendUnacknowledged >= finEnd
    }

    /// SEG.ACK with which it last reported by SACK that something is missing; nil if it never did.
    @inlinable
    public var hole: SequenceNumber? { seen.contains(.reportsHole) ? holeAt : nil }

    /// Bytes sent and not acknowledged, SYN and FIN included: what netstat shows as Send-Q, as far
    /// as the wire tells.
    @inlinable
    public var unacknowledgedBytes: UInt32 {
        guard hasSent, isAcknowledged, sendNext > sendUnacknowledged else { return 0 }
        return sendNext.rawValue &- sendUnacknowledged.rawValue
    }

    /// The window in bytes that it advertised last, as far as its scale is known.
    @inlinable @inline(__always)
    public func scaledWindow(peerScales: Bool) -> UInt32 {
        advertisedWindow(peerScales: peerScales)
    }

    /// Half the way from the tap and back: how much later than the tap it sees a
    /// segment. 0 while nothing tells.
    @inlinable
    public var delayToTap: TimeSpan {
        leastRoundTrip == .max ? 0 : leastRoundTrip / 2
    }

    /// How much longer than usual a segment may be under way.
    @usableFromInline static var queueing: TimeSpan { 100_000_000 }
}
