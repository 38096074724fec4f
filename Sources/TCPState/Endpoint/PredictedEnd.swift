public import Wire

/// What header prediction reads and writes of an end: an ``Endpoint``, or its compact form, whose times are
/// counted from the first segment of its connection.
@usableFromInline
protocol PredictedEnd {
    var seen: Endpoint.Observations { get set }
    var sendNext: SequenceNumber { get set }
    var sendUnacknowledged: SequenceNumber { get set }
    var receiveNext: SequenceNumber { get set }
    var recentTimestamp: UInt32 { get set }
    var window: UInt16 { get set }
    var windowScale: UInt8 { get }
    var identification: UInt16 { get set }
    var leastRoundTrip: TimeSpan { get set }
    var lastSent: Timestamp { get }
    var lastNew: Timestamp { get set }
    var busySince: Timestamp { get set }
    var unacknowledgedSince: Timestamp { get set }
    var payload: UInt64 { get }
    var unansweredRetransmissions: UInt16 { get set }

    /// Counts a segment that it sends.
    mutating func count(_ segment: borrowing @_addressable Segment, at time: Timestamp)
}

extension Endpoint: PredictedEnd {}

extension PredictedEnd {
    /// Clocks that jump give absurd times: five minutes are no round trip.
    @inlinable static var longestRoundTrip: TimeSpan { 300_000_000_000 }
    /// The longest time that one answer alone makes believe.
    @inlinable static var believedRoundTrip: TimeSpan { 1_000_000_000 }

    /// Takes the time from a segment's passing to that of its acknowledgment. Of more than a second it takes
    /// two: an acknowledgment that was lost before the tap leaves one that tells how long the end was
    /// silent (RFC 6298, section 2: a second is the timeout before any sample).
    @inlinable @inline(__always)
    mutating func noteRoundTrip(_ sample: TimeSpan) {
        if sample < Self.believedRoundTrip {
            leastRoundTrip = min(leastRoundTrip, sample)
        } else {
            noteLateAnswer(sample)
        }
    }

    @inlinable @inline(never)
    mutating func noteLateAnswer(_ sample: TimeSpan) {
        guard sample < Self.longestRoundTrip else { return }
        if seen.contains(.answeredLate) {
            leastRoundTrip = min(leastRoundTrip, sample)
        }
        seen.insert(.answeredLate)
    }

    /// Whether an end has something on its way, or sends right after its peer's window let it: what it
    /// sends now may have waited in its send queue.
    ///
    /// - Parameter lastHeard: when the peer last sent anything.
    @inlinable @inline(__always)
    func isBusy(sinceHeard lastHeard: Timestamp, at time: Timestamp) -> Bool {
        sendNext > sendUnacknowledged
            || (seen.contains(.windowFull)
                && time - lastHeard <= flightTime)
    }

    /// For how long after a segment went past the endpoint may honestly not know of it yet.
    @inlinable @inline(__always)
    var flightTime: TimeSpan {
        leastRoundTrip == .max
            ? 200_000_000 : leastRoundTrip + leastRoundTrip / 2 + 2_000_000
    }

    /// The window in bytes that it advertised last, as far as its scale is known.
    @inlinable @inline(__always)
    func advertisedWindow(peerScales: Bool) -> UInt32 {
        seen.contains(.windowScale) && peerScales
            ? UInt32(window) << UInt32(min(windowScale, 14)) : UInt32(window)
    }
}
