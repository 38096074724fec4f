public import Wire

/// What every segment of a steady connection reads or writes of one end, in 64 bytes: a cache line. Times are counted
/// from the connection's first segment.
@frozen
@usableFromInline
struct CompactEndpoint: PredictedEnd, Sendable {
    @usableFromInline var sendNext = SequenceNumber(0)
    @usableFromInline var sendUnacknowledged = SequenceNumber(0)
    @usableFromInline var receiveNext = SequenceNumber(0)
    @usableFromInline var recentTimestamp: UInt32 = 0
    /// From the lowest bit: what was seen (20), the time to live (8), the window's scale (4).
    @usableFromInline var bits: UInt32 = 0
    @usableFromInline var packets: UInt32 = 0
    @usableFromInline var headerBytes: UInt32 = 0
    @usableFromInline var payloadBytes: UInt32 = 0
    /// In nanoseconds; all bits for none.
    @usableFromInline var shortRoundTrip: UInt32 = 0
    @usableFromInline var sentTime = ShortNumber.none
    @usableFromInline var newTime = ShortNumber.none
    @usableFromInline var busyTime = ShortNumber.none
    @usableFromInline var unacknowledgedTime = ShortNumber.none
    @usableFromInline var window: UInt16 = 0
    @usableFromInline var identification: UInt16 = 0

    /// A place for one.
    @usableFromInline init() {}

    @inlinable static var seenMask: UInt32 { 1 << 20 - 1 }

    @inlinable
    var seen: Endpoint.Observations {
        @inline(__always) get {
            Endpoint.Observations(rawValue: bits & CompactEndpoint.seenMask)
        }
        @inline(__always) set {
            bits = bits & ~CompactEndpoint.seenMask | newValue.rawValue
        }
    }

    @inlinable
    var timeToLive: UInt8 {
        get { UInt8(truncatingIfNeeded: bits >> 20) }
        @inline(__always) set { bits = bits & ~(0xff << 20) | UInt32(newValue) << 20 }
    }

    @inlinable
    var windowScale: UInt8 {
        @inline(__always) get { UInt8(truncatingIfNeeded: bits >> 28) }
    }

    @inlinable
    var leastRoundTrip: TimeSpan {
        @inline(__always) get {
            shortRoundTrip == .max ? .max : TimeSpan(nanoseconds: Int64(shortRoundTrip))
        }
        // It gets smaller only, or fits: see ``hasRoom(for:)``.
        @inline(__always) set { shortRoundTrip = UInt32(truncatingIfNeeded: newValue.nanoseconds) }
    }

    @inlinable
    var lastSent: Timestamp {
        @inline(__always) get { sentTime.time }
    }

    @inlinable
    var lastNew: Timestamp {
        @inline(__always) get { newTime.time }
        @inline(__always) set { newTime = ShortNumber(truncating: newValue.nanoseconds) }
    }

    @inlinable
    var busySince: Timestamp {
        get { busyTime.time }
        @inline(__always) set { busyTime = ShortNumber(truncating: newValue.nanoseconds) }
    }

    @inlinable
    var unacknowledgedSince: Timestamp {
        get { unacknowledgedTime.time }
        @inline(__always) set { unacknowledgedTime = ShortNumber(truncating: newValue.nanoseconds) }
    }

    @inlinable
    var payload: UInt64 { UInt64(payloadBytes) }

    /// The sequence number of its first byte, if all of them went past in order.
    var numberBeforePayload: SequenceNumber { sendNext - payloadBytes }

    /// None: an end with any has no compact form.
    @inlinable
    var unansweredRetransmissions: UInt16 {
        get { 0 }
        @inline(__always) set {}
    }

    @inlinable @inline(__always)
    mutating func count(_ segment: borrowing @_addressable Segment, at time: Timestamp) {
        packets &+= 1
        headerBytes &+= segment.packetLength &- segment.payloadLength
        payloadBytes &+= segment.payloadLength
        sentTime = ShortNumber(truncating: time.nanoseconds)
        timeToLive = segment.timeToLive
    }

    /// Whether there is room for another segment in its counters, and for the round trip that it may show: a long one counts
    /// when it is the second (``PredictedEnd/noteRoundTrip(_:)``).
    @inlinable @inline(__always)
    func hasRoom(for segment: borrowing @_addressable Segment) -> Bool {
        (packets | headerBytes | payloadBytes | segment.packetLength) < 1 << 31
            && (shortRoundTrip != .max || bits & Endpoint.Observations.answeredLate.rawValue == 0)
    }
}

extension CompactEndpoint {
    /// An end in compact form; nil if it does not fit, or something is known of it for which there is no room.
    init?(_ end: borrowing @_addressable Endpoint, from base: Timestamp) {
        guard end.hasNothingRare, end.seen.rawValue <= CompactEndpoint.seenMask,
            end.windowScale < 16, end.bytes >= end.payload,
            let packets = UInt32(exactly: end.packets),
            let headerBytes = UInt32(exactly: end.bytes - end.payload),
            let payload = UInt32(exactly: end.payload),
            let sent = ShortNumber(end.lastSent, from: base),
            let new = ShortNumber(end.lastNew, from: base),
            let busy = ShortNumber(end.busySince, from: base),
            let unacknowledged = ShortNumber(end.unacknowledgedSince, from: base)
        else { return nil }
        if end.leastRoundTrip == .max {
            shortRoundTrip = .max
        } else {
            guard let roundTrip = UInt32(exactly: end.leastRoundTrip.nanoseconds), roundTrip != .max
            else { return nil }
            shortRoundTrip = roundTrip
        }
        sendNext = end.sendNext
        sendUnacknowledged = end.sendUnacknowledged
        receiveNext = end.receiveNext
        recentTimestamp = end.recentTimestamp
        bits =
            end.seen.rawValue | UInt32(end.timeToLive) << 20 | UInt32(end.windowScale) << 28
        self.packets = packets
        self.headerBytes = headerBytes
        payloadBytes = payload
        sentTime = sent
        newTime = new
        busyTime = busy
        unacknowledgedTime = unacknowledged
        window = end.window
        identification = end.identification
    }

    /// Gives an end what this one holds.
    func copy(to end: inout Endpoint, from base: Timestamp) {
        end.state = .established
        end.sendNext = sendNext
        end.sendUnacknowledged = sendUnacknowledged
        end.receiveNext = receiveNext
        end.recentTimestamp = recentTimestamp
        end.seen = seen
        end.timeToLive = timeToLive
        end.windowScale = windowScale
        end.packets = UInt64(packets)
        end.payload = payload
        end.bytes = payload + UInt64(headerBytes)
        end.leastRoundTrip = leastRoundTrip
        end.lastSent = sentTime.time(from: base)
        end.lastNew = newTime.time(from: base)
        end.busySince = busyTime.time(from: base)
        end.unacknowledgedSince = unacknowledgedTime.time(from: base)
        end.window = window
        end.identification = identification
    }
}

extension Endpoint {
    /// Whether it is established and has only what a ``CompactConnection`` holds: nothing of it is repeated or lost, it
    /// never closed its window, no FIN, RST or keepalive probe was seen of it.
    fileprivate var hasNothingRare: Bool {
        @_addressableSelf get {
            state == .established && seen.isDisjoint(with: [.fin, .retransmitted, .reportsHole])
                && unansweredRetransmissions == 0 && unansweredKeepalives == 0 && keepalives == 0
                && finCount == 0 && rstCount == 0 && finEnd.rawValue == 0 && presumedToken == 0
                && zeroWindowSince.nanoseconds == .min
        }
    }
}
