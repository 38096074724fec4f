public import Wire

// An end that has begun to repeat itself goes on until it is answered or gives up, each time after twice
// the time before at most (RFC 6298, section 5.5; Linux 6.8, `tcp_retransmit_timer`; keepalive probes
// come evenly). Where the next repetition is missing, the end is no more: a timeout that its program set, a
// signal, a host that went down. No packet says so. Of an end that is far from the tap a repetition may have
// died on the way: it takes two.
extension Connection {
    /// When an end was gone and when it is noticed, if nothing comes until then.
    @usableFromInline typealias SilentEnd = (gone: Timestamp, noticed: Timestamp, name: TimerName)

    /// When an end that repeats itself without an answer counts as gone; nil if it does not do that.
    ///
    /// Nothing changes; but reading through `inout` copies nothing either.
    @inlinable
    mutating func silentEnd<Observer: TransitionObserver>(
        _ end: Int, _ context: inout MachineContext<Observer>
    ) -> SilentEnd? {
        guard mayBeSilent(end), ends[end].lastSent > ends[1 - end].lastSent,
            let name = nameOfRetries(ends[end].state)
        else { return nil }
        let slack = 400_000_000 + 4 * (ends[end].delayToTap + ends[1 - end].delayToTap)
        if ends[end].sendNext > ends[end].sendUnacknowledged {
            let gap = ends[end].repetitionInterval
            guard ends[end].seen.contains(.retransmitted), gap < 300_000_000_000 else { return nil }
            let next = isFar(end) ? 6 * gap : 2 * gap
            return (
                ends[end].lastSent + next, ends[end].lastSent + (next + gap * 3 / 10 + slack), name
            )
        }
        guard ends[end].unansweredKeepalives >= 2,
            let interval = context.keptRareFacts(of: self)?.rareFacts.probeInterval, interval > 0
        else { return nil }
        return (
            ends[end].lastSent + interval,
            ends[end].lastSent + (2 * interval + slack),
            .keepalive
        )
    }

    /// Whether an end repeats itself without an answer: few do.
    @inlinable @inline(__always)
    mutating func mayBeSilent(_ end: Int) -> Bool {
        ends[end].unansweredRetransmissions | ends[end].unansweredKeepalives != 0
    }

    /// Whether an end that had begun to repeat itself, at last at some moment, should have done so once more by `time`.
    @inlinable
    mutating func missedRepetition(
        _ end: Int, after lastSent: Timestamp, by time: Timestamp
    ) -> Bool {
        let gap = ends[end].repetitionInterval
        return ends[end].seen.contains(.retransmitted)
            && time - lastSent
                > gap * 23 / 10 + 400_000_000 + 4 * ends[end].delayToTap
    }

    /// Whether an end is not where the tap is: it takes a millisecond to answer, or its peer does not.
    @inlinable @_addressableSelf
    func isFar(_ end: Int) -> Bool {
        guard let roundTrip = ends[end].roundTrip else {
            return ends[1 - end].roundTrip.map { $0 < 1_000_000 } ?? false
        }
        return roundTrip > 1_000_000
    }

    /// The setting that ends the repetitions of an end, by its state.
    @inlinable
    func nameOfRetries(_ state: State) -> TimerName? {
        switch state {
        case .synSent: .synRetries
        case .synReceived: .synAckRetries
        case .established, .closeWait: .dataRetries
        case .finWait1, .closing, .lastAck: .orphanRetries
        case .unknown, .closed, .listen, .finWait2, .timeWait: nil
        }
    }

    /// Assumes that an end is gone that should have repeated itself by `time`. Withdrawn when it sends again.
    @inlinable
    mutating func assumeGone<Observer: TransitionObserver>(
        _ end: Int, by time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        guard let silent = silentEnd(end, &context), silent.noticed <= time else { return }
        inferTransition(
            end, on: .timedOut, grade: .assumed, moment: .atTap, seen: silent.gone,
            notBefore: ends[end].lastSent, notAfter: silent.noticed, frame: lastFrame,
            timer: silent.name, &context)
    }
}
