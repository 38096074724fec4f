public import Wire

/// What every segment of a steady connection reads or writes of one end, in 68 bytes. Times are counted from the
/// connection's first segment.
@frozen
@usableFromInline
struct CompactEndpoint: PredictedEnd, Sendable {
    @usableFromInline var sendNext: SequenceNumber
    @usableFromInline var sendUnacknowledged: SequenceNumber
    @usableFromInline var receiveNext: SequenceNumber
    @usableFromInline var recentTimestamp: UInt32
    /// From the lowest bit: what was seen (20), the time to live (8), the window's scale (4).
    @usableFromInline var bits: UInt32
    @usableFromInline var packets: UInt32
    @usableFromInline var headerBytes: UInt32
    @usableFromInline var payloadBytes: ShortNumber
    @usableFromInline var shortRoundTrip: ShortNumber
    @usableFromInline var sentTime: ShortNumber
    @usableFromInline var newTime: ShortNumber
    @usableFromInline var busyTime: ShortNumber
    @usableFromInline var unacknowledgedTime: ShortNumber
    @usableFromInline var window: UInt16
    @usableFromInline var identification: UInt16

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
            let value = shortRoundTrip.value
            return value == ShortNumber.none.value ? .max : TimeSpan(nanoseconds: value)
        }
        // Smaller than five minutes: see ``PredictedEnd/longestRoundTrip``.
        @inline(__always) set { shortRoundTrip = ShortNumber(truncating: newValue.nanoseconds) }
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
    var payload: UInt64 { UInt64(bitPattern: payloadBytes.value) }

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
        payloadBytes = ShortNumber(truncating: payloadBytes.value &+ Int64(segment.payloadLength))
        sentTime = ShortNumber(truncating: time.nanoseconds)
        timeToLive = segment.timeToLive
    }

    /// Whether there is room for another segment in its counters.
    @inlinable @inline(__always)
    func hasRoom(for segment: borrowing @_addressable Segment) -> Bool {
        packets < 1 << 31 && headerBytes < 1 << 31 && payloadBytes.value < 1 << 46
            && segment.packetLength &- segment.payloadLength < 1 << 30
    }
}

extension CompactEndpoint {
    /// An end in compact form; nil if it does not fit, or something is known of it for which there is no room.
    init?(_ end: borrowing @_addressable Endpoint, from base: Timestamp) {
        guard end.hasNothingRare, end.seen.rawValue <= CompactEndpoint.seenMask,
            end.windowScale < 16, end.bytes >= end.payload,
            let packets = UInt32(exactly: end.packets),
            let headerBytes = UInt32(exactly: end.bytes - end.payload),
            let payload = ShortNumber(end.payload),
            let sent = ShortNumber(end.lastSent, from: base),
            let new = ShortNumber(end.lastNew, from: base),
            let busy = ShortNumber(end.busySince, from: base),
            let unacknowledged = ShortNumber(end.unacknowledgedSince, from: base)
        else { return nil }
        if end.leastRoundTrip == .max {
            shortRoundTrip = .none
        } else {
            guard let roundTrip = ShortNumber(end.leastRoundTrip.nanoseconds) else { return nil }
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
