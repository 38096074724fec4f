public import Wire

extension Connection {
    /// When the next timer of either end runs out by the stack's profile, or nil if none runs.
    ///
    /// Nothing changes; but reading through `inout` copies nothing either.
    @inlinable
    public mutating func nextDeadline<Observer: TransitionObserver>(
        _ context: inout MachineContext<Observer>
    ) -> Timestamp? {
        var earliest = Timestamp(nanoseconds: .max)
        for end in 0...1 {
            if let deadline = timer(of: end, context)?.deadline {
                earliest = min(earliest, deadline)
            }
            if mayBeSilent(end), let giveUp = silentEnd(end, &context)?.noticed {
                earliest = min(earliest, giveUp)
            }
            guard pendingCount[end] > 0 else { continue }
            for index in 0..<Int(pendingCount[end]) {
                if let limit = answerDeadline(of: context.pool[ends[end].pendingFirst, index], end)
                {
                    earliest = min(earliest, limit)
                }
            }
        }
        return earliest.nanoseconds == .max ? nil : earliest
    }

    /// Lets every timer that has run out by `time` take effect, each at its own deadline and the earliest first: what
    /// comes of them is the same however often anyone looks. Returns when the next one runs out; nil if none runs.
    @inlinable @discardableResult
    public mutating func advance<Observer: TransitionObserver>(
        to time: Timestamp, context: inout MachineContext<Observer>
    ) -> Timestamp? {
        advance(from: nextDeadline(&context), to: time, context: &context)
    }

    /// The same where it is known when the first timer runs out, or that none does before `first`.
    @inlinable @discardableResult
    public mutating func advance<Observer: TransitionObserver>(
        from first: Timestamp?, to time: Timestamp, context: inout MachineContext<Observer>
    ) -> Timestamp? {
        var next = first
        // Each step ends a timer of an end, or takes something from what is inferred: there are few.
        for _ in 0..<4 * PendingPool.capacity {
            guard let deadline = next, deadline <= time else { return next }
            runOut(at: deadline, &context)
            next = nextDeadline(&context)
        }
        return next
    }

    /// Lets the timers take effect that have run out, for each end one.
    @inlinable
    mutating func runOut<Observer: TransitionObserver>(
        at time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        expire(at: time, &context)
        for end in 0...1 {
            assumeGone(end, by: time, &context)
            guard let (deadline, name) = timer(of: end, context), deadline <= time else {
                continue
            }
            let slack = name == .timeWait ? context.profile.timeWaitSlack : 0
            let earliest = name == .timeWait ? deadline - slack : ends[end].since
            transition(
                end, on: .timedOut, grade: .assumed, moment: .atTap, seen: deadline,
                notBefore: earliest, notAfter: name == .timeWait ? deadline + slack : nil,
                frame: ends[end].sinceFrame, timer: name, &context)
        }
    }

    /// Withdraws what was inferred too long ago without an answer: the segment was lost after it passed.
    @inlinable
    mutating func expire<Observer: TransitionObserver>(
        at time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        guard pendingCount[0] | pendingCount[1] > 0 else { return }
        for end in 0...1 {
            for index in 0..<Int(pendingCount[end]) {
                let pending = context.pool[ends[end].pendingFirst, index]
                guard let limit = answerDeadline(of: pending, end) else { continue }
                guard limit <= time else { continue }
                if pending.mustBeAnswered, ends[end].state != .closed {
                    anomalies.insert(.lostAfterTap)
                    withdraw(end, from: index, &context)
                } else {
                    dropPending(end, first: index + 1, &context)
                }
                break
            }
        }
    }

    /// How long an inference that needs no answer is kept: what confirms or refutes it comes within that time.
    @inlinable static var inferenceLimit: TimeSpan { .seconds(120) }

    /// Until when an endpoint must have answered what was inferred of it, or could still show that
    /// it did not happen; nil if it must first show something else.
    ///
    /// A SYN, a SYN,ACK and a FIN are acknowledged at once, or after the delayed-ACK time (RFC 9293,
    /// section 3.8.6.3: less than 0.5 s). A SYN,ACK that is not answered is repeated after 1 s (RFC
    /// 6298, section 2.1): where no repetition comes, the listener holds nothing (a SYN cookie; RFC
    /// 4987, section 3.6). If one comes later after all, the endpoint is back where it was.
    ///
    /// An end that a RST has closed since answers nothing any more (Linux 6.8, `tcp_reset`): what came
    /// before the RST stands.
    @inlinable @inline(__always) @_addressableSelf
    func answerDeadline(of pending: Pending, _ end: Int) -> Timestamp? {
        switch pending.event {
        case .receivedSYN, .receivedSYNACK, .receivedFIN:
            let isClosed = ends[end].state == .closed
            return pending.latest
                + (isClosed
                    ? Connection.inferenceLimit : 1_000_000_000 + 4 * ends[end].delayToTap)
        case .sentSYNACK:
            // A copy that the tap makes comes at once, a repetition after a second.
            guard pendingCount[end] == 1,
                ends[end].lastSent - ends[end].controlSeen < 500_000_000
            else { return nil }
            return pending.latest + 1_500_000_000
        case .receivedACKofSYN, .receivedACKofFIN, .receivedRST, .receivedUnreachable, .sentSYN,
            .sentFIN, .sentRST, .replaced, .presumed:
            return pending.latest + Connection.inferenceLimit
        case .timedOut: return nil
        }
    }

    /// The timer that runs at an end, and when it runs out. What keeps an endpoint waiting for its
    /// own program (CLOSE-WAIT) or an idle peer (ESTABLISHED) has none. Reads through `inout`: see
    /// ``nextDeadline(_:)``.
    @inlinable @inline(__always)
    mutating func timer<Observer: TransitionObserver>(
        of end: Int, _ context: borrowing MachineContext<Observer>
    ) -> (deadline: Timestamp, name: TimerName)? {
        func due(_ start: Timestamp, _ duration: TimeSpan, _ name: TimerName) -> (
            Timestamp, TimerName
        )? {
            duration == .max ? nil : (start + duration, name)
        }
        switch ends[end].state {
        case .timeWait: return due(ends[end].since, context.profile.timeWait, .timeWait)
        case .finWait2:
            // A socket that its program still reads from has no limit.
            return ends[end].seen.contains(.receivesAfterFIN)
                ? nil : due(ends[end].since, context.profile.finWait2, .finWait2)
        case .synSent: return due(ends[end].since, context.profile.synSent, .synRetries)
        case .synReceived:
            let duration = context.profile.synReceived
            return due(
                lastAttempt(end, within: duration) ?? ends[end].since, duration, .synAckRetries)
        case .finWait1, .closing, .lastAck:
            // While the peer acknowledges (a zero window, say), the retries begin anew.
            return due(
                max(ends[end].since, ends[1 - end].lastSent), context.profile.orphanRetries,
                .orphanRetries)
        case .established, .closeWait:
            if ends[end].unansweredKeepalives >= context.profile.keepaliveProbes {
                return due(ends[end].lastSent, context.profile.keepaliveInterval, .keepalive)
            }
            guard ends[end].unansweredRetransmissions >= 3 else { return nil }
            return due(
                max(ends[end].unacknowledgedSince, ends[1 - end].lastSent),
                context.profile.dataRetries,
                .dataRetries)
        case .unknown, .closed, .listen: return nil
        }
    }

    /// From when on a timer of such a length runs out where the last SYN,ACK has been waited for, later than it
    /// should; nil if it does not.
    ///
    /// Each repetition sets the timer anew, for twice as many seconds (Linux 6.8, `reqsk_timer_handler`). The wheel lets
    /// each run up to an eighth longer, which adds up.
    @inlinable
    mutating func lastAttempt(_ end: Int, within duration: TimeSpan) -> Timestamp? {
        guard ends[end].seen.contains(.retransmitted) else { return nil }
        let gap = ends[end].repetitionInterval
        // It is kept in units of a millisecond or so, rounded down.
        let seconds = (gap + 2_000_000).nanoseconds / 1_000_000_000
        guard seconds > 0 else { return nil }
        let wait = TimeSpan.seconds(2 << (63 - seconds.leadingZeroBitCount))
        let late = ends[end].lastSent + wait - duration
        return late > ends[end].since && late - ends[end].since <= duration / 8 ? late : nil
    }

    /// An end's address and port were used for a new connection, whose segment at `time` shows that
    /// this one is over there. RFC 9293, section 3.6.1 for TIME-WAIT; a host that lost its state else.
    @inlinable
    public mutating func replace<Observer: TransitionObserver>(
        _ side: Side, at time: Timestamp, frame: UInt64, context: inout MachineContext<Observer>
    ) {
        let end = side.rawValue
        guard ends[end].state != .unknown else { return }
        transition(
            end, on: .replaced, grade: .assumed, moment: .beforeSending, seen: time,
            notBefore: ends[end].since, notAfter: time, frame: frame, &context)
    }
}
