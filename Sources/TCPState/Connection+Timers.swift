public import Wire

extension Connection {
    /// When the next timer of either end runs out by `profile`, or nil if none runs.
    @inlinable
    public func nextDeadline(_ profile: StackProfile) -> Timestamp? {
        if isQuietlyEstablished, ends[0].unansweredRetransmissions < 3,
            ends[1].unansweredRetransmissions < 3
        {
            return nil
        }
        let first = timer(of: 0, profile)?.deadline
        let second = timer(of: 1, profile)?.deadline
        guard let first else { return second }
        guard let second else { return first }
        return min(first, second)
    }

    /// Lets every timer that has run out by `time` take effect, each at its own deadline.
    @inlinable
    public mutating func advance<Observer: TransitionObserver>(
        to time: Timestamp, _ profile: StackProfile, observer: inout Observer
    ) {
        for end in 0...1 {
            guard let (deadline, name) = timer(of: end, profile), deadline <= time else { continue }
            let slack = name == .timeWait ? profile.timeWaitSlack : 0
            let earliest = name == .timeWait ? deadline - slack : ends[end].since
            move(
                end, on: .timedOut, grade: .assumed, moment: .atTap, seen: deadline,
                notBefore: earliest, notAfter: name == .timeWait ? deadline + slack : nil,
                frame: ends[end].sinceFrame, timer: name, &observer)
        }
    }

    /// The timer that runs at an end, and when it runs out. What keeps an endpoint waiting for its
    /// own program (CLOSE-WAIT) or an idle peer (ESTABLISHED) has none.
    @usableFromInline
    func timer(of end: Int, _ profile: StackProfile) -> (deadline: Timestamp, name: TimerName)? {
        let this = ends[end]
        func due(_ start: Timestamp, _ length: Int64, _ name: TimerName) -> (Timestamp, TimerName)? {
            length == .max ? nil : (start + length, name)
        }
        switch this.state {
        case .timeWait: return due(this.since, profile.timeWait, .timeWait)
        case .finWait2:
            // A socket that its program still reads from has no limit.
            return this.knows.contains(.receivesAfterFIN)
                ? nil : due(this.since, profile.finWait2, .finWait2)
        case .synSent: return due(this.since, profile.synSent, .synRetries)
        case .synReceived: return due(this.since, profile.synReceived, .synAckRetries)
        case .finWait1, .closing, .lastAck:
            // While the peer acknowledges (a zero window, say), the retries begin anew.
            return due(
                max(this.since, ends[1 - end].lastSent), profile.orphanRetries, .orphanRetries)
        case .established, .closeWait:
            guard this.unansweredRetransmissions >= 3 else { return nil }
            return due(
                max(this.unacknowledgedSince, ends[1 - end].lastSent), profile.dataRetries,
                .dataRetries)
        case .unknown, .closed, .listen: return nil
        }
    }

    /// An end's address and port were used for a new connection, whose segment at `time` shows that
    /// this one is over there. RFC 9293, section 3.6.1 for TIME-WAIT; a host that lost its state else.
    @inlinable
    public mutating func replace<Observer: TransitionObserver>(
        _ side: Side, at time: Timestamp, frame: UInt64, observer: inout Observer
    ) {
        let end = side.rawValue
        guard ends[end].state != .unknown else { return }
        move(
            end, on: .replaced, grade: .assumed, moment: .beforeSending, seen: time,
            notBefore: ends[end].since, notAfter: time, frame: frame, &observer)
    }
}
