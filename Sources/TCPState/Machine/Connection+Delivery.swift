public import Memory
public import Wire

extension Connection {
    /// Takes what `segment` (which is not a RST) does to its receiver when it arrives.
    @inlinable
    mutating func deliver<Observer: TransitionObserver>(
        _ segment: Segment, at receiver: Side, from sender: Side, time: Timestamp,
        frame: UInt64, _ context: inout MachineContext<Observer>
    ) {
        let r = receiver.rawValue
        let s = sender.rawValue
        let flags = segment.flags
        if flags.contains(.syn) {
            inferSYN(segment, r, at: time, frame: frame, &context)
            return
        }
        guard flags.contains(.ack), isAcceptable(segment, at: r), !ignoresHandshake(r) else {
            return
        }
        let acknowledged = segment.acknowledgmentNumber
        if acknowledged <= ends[r].sendNext {
            // 3.10.7.4, fifth: check the ACK field.
            if ends[r].hasSentSYN, acknowledged > ends[r].initialSendSequence {
                if ends[r].state == .unknown {
                    // A SYN cookie comes back: the connection begins now, complete.
                    inferTransition(
                        r, on: .sentSYNACK, seen: time, notBefore: time, frame: frame, &context)
                }
                let moves = inferTransition(
                    r, on: .receivedACKofSYN, seen: time, notBefore: time, frame: frame, &context)
                if moves { noteCause(r, segment, &context) }
            }
            if ends[r].hasSentFIN, acknowledged >= ends[r].finEnd {
                refresh(.receivedACKofFIN, r, at: time, &context)
                let moves = inferTransition(
                    r, on: .receivedACKofFIN, seen: time, notBefore: time, frame: frame, &context)
                if moves { noteCause(r, segment, &context) }
            }
        }
        // 3.10.7.4, eighth: a FIN counts when everything before it has arrived.
        if ends[s].hasSentFIN, ends[r].receiveNext >= ends[s].finEnd {
            if ends[r].state.hasReceivedFIN {
                repeatFIN(segment, r, at: time, &context)
            } else if !isFINUnheard(s, at: time) {
                inferTransition(
                    r, on: .receivedFIN, seen: time, notBefore: earliestReceipt(at: r, from: s),
                    frame: frame, &context)
            }
        }
        noteHalfClosedTraffic(segment, s, r)
    }

    /// Whether an end in SYN-RECEIVED has repeated its SYN,ACK although it was acknowledged, while its peer has something
    /// outstanding: the accept queue is full, and drops the next acknowledgment as well (Linux 6.8, `tcp_v4_syn_recv_sock`).
    /// Once it does not, the end acknowledges what is outstanding, and proves so that it is established.
    @inlinable @inline(__always)
    mutating func ignoresHandshake(_ r: Int) -> Bool {
        ends[r].state == .synReceived && anomalies.contains(.handshakeIgnored)
            && ends[1 - r].sendNext > ends[1 - r].sendUnacknowledged
    }

    /// 3.10.7.3, fourth, and 3.10.7.4, fourth: check the SYN bit.
    @inlinable
    mutating func inferSYN<Observer: TransitionObserver>(
        _ segment: Segment, _ r: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        let acknowledged = segment.acknowledgmentNumber
        let answers =
            segment.flags.contains(.ack) && ends[r].hasSentSYN
            && acknowledged > ends[r].initialSendSequence && acknowledged <= ends[r].sendNext
        switch ends[r].state {
        case .synSent where answers && ends[r].seen.contains(.missedSYNACK): break
        case .synSent where answers:
            inferTransition(
                r, on: .receivedSYNACK, seen: time, notBefore: earliestReceipt(at: r, from: 1 - r),
                frame: frame, &context)
        case .synSent where !segment.flags.contains(.ack):
            anomalies.insert(.simultaneousOpen)
            inferTransition(
                r, on: .receivedSYN, seen: time, notBefore: time, frame: frame, &context)
        case .synReceived where answers:
            inferTransition(
                r, on: .receivedACKofSYN, seen: time, notBefore: time, frame: frame, &context)
        case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck:
            if !segment.flags.contains(.ack) { anomalies.insert(.synInConnection) }
        case .unknown, .closed, .listen, .synSent, .synReceived, .timeWait: break
        }
    }

    /// Notes what the segment looks like that brings the acknowledgment that has just been inferred.
    @inlinable
    mutating func noteCause<Observer: TransitionObserver>(
        _ r: Int, _ segment: Segment, _ context: inout MachineContext<Observer>
    ) {
        noteCause(
            r, hasPayload: segment.payloadLength > 0,
            timestamp: segment.options.present.contains(.timestamps)
                ? segment.options.timestampValue : nil, &context)
    }

    /// The same of an acknowledgment that was inferred before, and now again.
    @inlinable
    mutating func noteCause<Observer: TransitionObserver>(
        _ r: Int, hasPayload: Bool, timestamp: UInt32?, _ context: inout MachineContext<Observer>
    ) {
        let last = context.pool.position(ends[r].pendingFirst, Int(pendingCount[r]) - 1)
        context.pool.entries[last].hasPayload = hasPayload
        context.pool.entries[last].timestamp = timestamp
    }

    /// Another segment went past that does what a pending one does.
    @inlinable
    mutating func refresh<Observer: TransitionObserver>(
        _ event: Event, _ r: Int, at time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        for index in 0..<Int(pendingCount[r])
        where context.pool[ends[r].pendingFirst, index].event == event {
            context.pool[ends[r].pendingFirst, index].latest = time
        }
    }

    /// A FIN again, while nothing tells whether the first one arrived.
    @inlinable
    mutating func repeatFIN<Observer: TransitionObserver>(
        _ segment: Segment, _ r: Int, at time: Timestamp, _ context: inout MachineContext<Observer>
    ) {
        guard segment.flags.contains(.fin) else { return }
        refresh(.receivedFIN, r, at: time, &context)
        // A copy with the timestamp of the first one is the tap's, not the sender's.
        guard segment.options.present.contains(.timestamps),
            segment.options.timestampValue != ends[1 - r].controlTimestamp
        else { return }
        let (first, count) = (ends[r].pendingFirst, Int(pendingCount[r]))
        // The first repetition's: where an echo is as late, the FIN came with one of them.
        if let index = context.pool.index(of: .receivedFIN, in: first, count: count),
            context.pool[first, index].timestamp == nil
        {
            context.pool[first, index].timestamp = segment.options.timestampValue
        }
    }

    /// The receiver answers a repeated FIN. If it echoes the timestamp of the repetition, the first
    /// copy was lost: the FIN arrived after all that came between. RFC 7323, section 4.3: only a
    /// segment that advances RCV.NXT is echoed.
    @inlinable
    mutating func reorderRepeatedFIN<Observer: TransitionObserver>(
        _ answer: Segment, _ r: Int, _ context: inout MachineContext<Observer>
    ) {
        guard answer.options.present.contains(.timestamps) else { return }
        let count = Int(pendingCount[r])
        let first = ends[r].pendingFirst
        guard let index = context.pool.index(of: .receivedFIN, in: first, count: count),
            let repeated = context.pool[first, index].timestamp
        else { return }
        let pending = context.pool[first, index]
        if Int32(bitPattern: answer.options.timestampEcho &- repeated) < 0 {
            context.pool[first, index].latest = pending.seen
            return
        }
        guard index + 1 < count else { return }
        let later = context.pool.detach(first, index..<count)
        withdraw(r, from: index, &context)
        for position in 1..<later.count {
            let other = context.pool[later.first, position]
            inferTransition(
                r, on: other.event, seen: other.seen, notBefore: other.notBefore,
                frame: other.frame, &context)
        }
        context.pool.give(later)
        inferTransition(
            r, on: .receivedFIN, seen: pending.latest, notBefore: pending.notBefore,
            frame: pending.frame, &context)
    }

    /// Since when the sender's latest new segment may have been there: an earlier copy of a repeated
    /// one may have arrived, unless the receiver has shown since that it did not.
    @inlinable
    mutating func earliestReceipt(at r: Int, from s: Int) -> Timestamp {
        ends[r].hasSent
            ? max(ends[s].lastNew, ends[r].lastSent - 2 * ends[r].delayToTap) : ends[s].lastNew
    }

    /// Payload in the open direction of a half-closed connection: the half-close is meant.
    @inlinable @inline(__always)
    mutating func noteHalfClosedTraffic(_ segment: Segment, _ s: Int, _ r: Int) {
        if ends[r].isFINAcknowledged, segment.payloadLength > 0, ends[s].state == .closeWait {
            ends[s].seen.insert(.sendsAfterPeerFIN)
        }
        if ends[s].isFINAcknowledged, ends[s].state == .finWait2,
            ends[r].seen.contains(.sendsAfterPeerFIN),
            segment.acknowledgmentNumber == ends[r].sendNext
        {
            ends[s].seen.insert(.receivesAfterFIN)
        }
    }

    /// Whether the receiver takes the segment at all: it ends at or after what the receiver has
    /// acknowledged and begins inside its window. RFC 9293, section 3.4, with Linux's left edge
    /// (`tcp_sequence`: the last acknowledgment sent, not RCV.NXT).
    ///
    /// Nothing changes; but reading through `inout` copies nothing either.
    @inlinable @inline(__always)
    mutating func isAcceptable(_ segment: Segment, at r: Int) -> Bool {
        guard ends[r].hasReceived, ends[1 - r].hasSent else { return true }
        if segment.endSequenceNumber < ends[1 - r].sendUnacknowledged { return false }
        if ends[r].refusesAsOld(segment) || acknowledgesUnsent(segment, at: r) { return false }
        guard segment.sequenceNumber > ends[r].receiveNext else { return true }
        return segment.sequenceNumber.isWithin(
            ends[r].receiveNext, length: largestWindow(of: r))
    }

    /// Whether the segment acknowledges more than its receiver can have sent: such a segment is answered and
    /// dropped. RFC 9293, section 3.10.7.4, fifth. What the tap has not seen lies within the sender's window.
    @inlinable @inline(__always)
    mutating func acknowledgesUnsent(_ segment: Segment, at r: Int) -> Bool {
        guard ends[r].hasSent, segment.flags.contains(.ack),
            segment.acknowledgmentNumber > ends[r].sendNext
        else { return false }
        var known = ends[r].sendNext
        if ends[r].seen.contains(.acknowledgedUnseen), ends[r].earlyAcknowledgment > known {
            known = ends[r].earlyAcknowledgment
        }
        return !segment.acknowledgmentNumber.isWithin(known, length: largestWindow(of: 1 - r) + 1)
    }

    /// The window that an end has advertised, at least 64 KiB. Where its handshake was not seen the scale is
    /// unknown: the largest.
    @inlinable
    mutating func largestWindow(of end: Int) -> UInt32 {
        let scale: UInt8 = ends[end].hasSentSYN ? ends[end].windowScale : 14
        return max(UInt32(ends[end].window) << UInt32(min(scale, 14)), 65_535)
    }
}
