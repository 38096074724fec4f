public import Wire

/// How sure a transition is.
public enum Grade: UInt8, CaseIterable, Sendable {
    /// The endpoint's own segment shows it.
    case proved
    /// The segment that causes it went past the tap; the endpoint has not answered it yet.
    case inferred
    /// It follows from the absence of packets: a timer, a mid-stream start, a replaced connection.
    case assumed

    /// The word that reports print.
    public var name: String {
        switch self {
        case .proved: "proved"
        case .inferred: "inferred"
        case .assumed: "assumed"
        }
    }
}

/// One of the two ends of a connection, named by the order of their addresses in the flow key.
public enum Side: Int, CaseIterable, Sendable {
    /// The end whose (address, port) is the smaller one.
    case low = 0
    /// The end whose (address, port) is the larger one.
    case high = 1

    /// The other end.
    @inlinable
    public var peer: Side { self == .low ? .high : .low }
}

/// The timer that an assumed transition rests on.
public enum TimerName: UInt8, CaseIterable, Sendable {
    /// No timer.
    case none
    /// The end of TIME-WAIT: twice the maximum segment lifetime. RFC 9293, section 3.6.1.
    case timeWait
    /// Linux `tcp_fin_timeout`: the life of an orphan in FIN-WAIT-2.
    case finWait2
    /// Linux `tcp_syn_retries`.
    case synRetries
    /// Linux `tcp_synack_retries`.
    case synAckRetries
    /// Linux `tcp_retries2`.
    case dataRetries
    /// Linux `tcp_orphan_retries`: the FIN of a socket that no program holds.
    case orphanRetries
    /// Linux `tcp_keepalive_probes`.
    case keepalive

    /// The name of the setting that governs it; empty for `none`.
    public var name: String {
        switch self {
        case .none: ""
        case .timeWait: "time_wait"
        case .finWait2: "tcp_fin_timeout"
        case .synRetries: "tcp_syn_retries"
        case .synAckRetries: "tcp_synack_retries"
        case .dataRetries: "tcp_retries2"
        case .orphanRetries: "tcp_orphan_retries"
        case .keepalive: "tcp_keepalive_probes"
        }
    }
}

/// How a transition's moment at the endpoint relates to the tap.
public enum Moment: UInt8, Sendable {
    /// The endpoint sent the segment that shows it: it happened before that passed the tap.
    case beforeSending
    /// The segment that causes it went past the tap: it happened when that arrived.
    case onArrival
    /// It did not depend on a segment's way: a timer, or the tap's own start.
    case atTap
}

/// One change of one endpoint's state, as it is best known at the moment.
public struct Transition: Sendable {
    /// The connection's serial number, unique in one run.
    public var connection: UInt32
    /// The endpoint.
    public var side: Side
    /// The state that ends.
    public var from: State
    /// The state that begins.
    public var to: State
    /// What moved it.
    public var event: Event
    /// How sure it is.
    public var grade: Grade
    /// The timer that an assumed transition rests on.
    public var timer: TimerName
    /// How `seen` relates to the moment at the endpoint.
    public var moment: Moment
    /// When the segment that shows or causes it went past the tap: the last one, where it was repeated.
    public var seen: Timestamp
    /// It did not happen before this, on the tap's clock; nil where nothing bounds it.
    public var notBefore: Timestamp?
    /// It did not happen after this; nil while nothing shows that it has happened at all.
    public var notAfter: Timestamp?
    /// The frame that shows it, or the last one before it where a timer or an absence does.
    public var frame: UInt64

    /// Makes a transition of its parts.
    @inlinable
    public init(
        connection: UInt32, side: Side, from: State, to: State, event: Event, grade: Grade,
        timer: TimerName, moment: Moment, seen: Timestamp, notBefore: Timestamp?,
        notAfter: Timestamp?, frame: UInt64
    ) {
        self.connection = connection
        self.side = side
        self.from = from
        self.to = to
        self.event = event
        self.grade = grade
        self.timer = timer
        self.moment = moment
        self.seen = seen
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.frame = frame
    }

    /// Marks it as proved by what its endpoint has sent: see ``TransitionObserver/confirm(_:seen:notBefore:notAfter:)``.
    @inlinable
    public mutating func confirm(seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp) {
        grade = .proved
        self.seen = seen
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Best estimate of when it happened at the endpoint, which sees a segment `delay`
    /// after the tap does, and whose own segments need as long to reach the tap.
    @inlinable @inline(__always)
    public func time(delay: TimeSpan) -> Timestamp {
        switch moment {
        case .atTap: return seen
        case .beforeSending: return max(seen - delay, notBefore ?? seen - delay)
        case .onArrival:
            let arrival = seen + delay
            guard let notAfter else { return arrival }
            return max(min(arrival, notAfter - delay), notBefore ?? seen)
        }
    }
}

/// Receives transitions as they are found, and their confirmation or withdrawal.
///
/// Chosen at compile time: the hot path calls it without an existential.
public protocol TransitionObserver {
    /// A transition was found. The returned token names it in later calls.
    mutating func observe(_ transition: Transition) -> UInt32
    /// The transition named by `token` is proved by what its endpoint has sent by now: it happened
    /// between `notBefore` and `notAfter`; its cause last went past the tap at `seen`.
    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp)
    /// The transition named by `token` has not happened, or not yet: the endpoint showed otherwise.
    mutating func withdraw(_ token: UInt32)
    /// The transition named by `token` led to `state`, not where it was said to lead; those that the
    /// endpoint made since follow from there.
    mutating func amend(_ token: UInt32, to state: State)
}

/// An observer that does not look.
public struct NoTransitions: TransitionObserver, Sendable {
    /// Makes one.
    @inlinable
    public init() {}

    /// Does nothing.
    @inlinable
    public mutating func observe(_ transition: Transition) -> UInt32 { 0 }

    /// Does nothing.
    @inlinable
    public mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {}

    /// Does nothing.
    @inlinable
    public mutating func withdraw(_ token: UInt32) {}

    /// Does nothing.
    @inlinable
    public mutating func amend(_ token: UInt32, to state: State) {}
}

extension Transition {
    /// Whether it may still be withdrawn: it is not proved; or it is what a SYN cookie would look like as well, a RST that
    /// another program may have sent, or the receipt of a FIN that may have crossed one that the tap did not see.
    public var mayBeWithdrawn: Bool {
        switch event {
        case .sentSYNACK, .sentRST, .receivedFIN: true
        default: grade != .proved
        }
    }
}
