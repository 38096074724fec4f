public import Wire

extension Endpoint {
    /// Follows the numbers of both ends as this one sends a segment: SND.NXT, SND.UNA, RCV.NXT, windows,
    /// counters. It changes no state.
    @inlinable
    @inline(__always)
    mutating func send(
        _ segment: Segment, to receiver: inout Endpoint, at time: Timestamp,
        _ anomalies: inout Anomalies
    ) {
        let end = segment.endSequenceNumber
        let occupies = segment.length > 0

        count(segment, at: time)
        if receiver.unansweredKeepalives != 0 { receiver.unansweredKeepalives = 0 }
        if !seen.contains(.sent) {
            beginSequence(segment, at: time)
        }
        if segment.flags.contains(.syn) {
            noteSYN(segment, heard: receiver.lastSent, at: time, &anomalies)
        }

        guard !receiver.refusesAsOld(segment) else { return }
        receiver.noteTimestamp(segment, unacknowledged: sendUnacknowledged)

        // SND.NXT, and whether this is something new.
        if occupies {
            if end > sendNext || packets == 1 {
                if sendNext == sendUnacknowledged || packets == 1 {
                    unacknowledgedSince = time
                    if !isBusy(sinceHeard: receiver.lastSent, at: time) { busySince = time }
                }
                if end.rawValue < sendNext.rawValue { anomalies.insert(.sequenceWrap) }
                sendNext = end
                lastNew = time
                identification = segment.identification
                if segment.payloadLength > 9_000 { seen.insert(.superSegments) }
                seen.remove(.retransmitted)
                noteWindowUse(
                    of: receiver.scaledWindow(peerScales: seen.contains(.windowScale)))
            } else {
                noteRepetition(segment, heard: receiver.lastSent, at: time, &anomalies)
            }
        } else if segment.sequenceNumber > sendNext {
            // A bare ACK beyond what was seen: the data before it is not in the capture.
            sendNext = segment.sequenceNumber
        } else if segment.sequenceNumber == sendNext - 1,
            !receiver.seen.contains(.zeroWindow)
        {
            noteKeepalive(&anomalies)
        }

        // RCV.NXT of the other end, if the segment connects to what it has.
        if !receiver.seen.contains(.received) {
            receiver.receiveNext = end
            receiver.seen.insert(.received)
        } else if segment.sequenceNumber <= receiver.receiveNext, end > receiver.receiveNext {
            receiver.receiveNext = end
        }

        if segment.flags.contains(.ack) {
            acknowledge(segment, to: &receiver, at: time, &anomalies)
            if segment.options.present.contains(.sack),
                segment.options.sackLeft > segment.acknowledgmentNumber
            {
                seen.insert(.reportsHole)
                holeAt = segment.acknowledgmentNumber
            }
        }
        advertise(segment, to: &receiver, at: time, &anomalies)
    }

    @inlinable @inline(__always)
    mutating func count(_ segment: borrowing @_addressable Segment, at time: Timestamp) {
        packets &+= 1
        bytes &+= UInt64(segment.packetLength)
        payload &+= UInt64(segment.payloadLength)
        lastSent = time
        timeToLive = segment.timeToLive
    }

    /// Whether the receiver drops the segment since its timestamp is older than what it had: PAWS, RFC
    /// 7323, section 5.3.
    @inlinable @inline(__always)
    func refusesAsOld(_ segment: Segment) -> Bool {
        segment.options.present.contains(.timestamps) && seen.contains(.timestamps)
            && Int32(bitPattern: segment.options.timestampValue &- recentTimestamp) < 0
            && !segment.flags.contains(.syn)
    }

    /// TS.Recent of the receiver: RFC 7323, section 4.3, rule (2).
    @inlinable @inline(__always)
    mutating func noteTimestamp(_ segment: Segment, unacknowledged: SequenceNumber) {
        guard segment.options.present.contains(.timestamps) else { return }
        guard seen.contains(.timestamps) else {
            seen.insert(.timestamps)
            recentTimestamp = segment.options.timestampValue
            return
        }
        if segment.sequenceNumber <= unacknowledged {
            recentTimestamp = segment.options.timestampValue
        }
    }

    /// The first segment of an end: where its sequence numbers start.
    @inlinable @inline(never)
    mutating func beginSequence(_ segment: Segment, at time: Timestamp) {
        seen.insert(.sent)
        first = FirstSegment(segment, at: time)
        initialSendSequence = segment.sequenceNumber
        if !seen.contains(.acknowledged) {
            sendUnacknowledged = segment.sequenceNumber
            seen.insert(.acknowledged)
        }
        if segment.sequenceNumber > sendNext || packets == 1 {
            sendNext = segment.sequenceNumber
        }
    }

    @inlinable @inline(never)
    mutating func noteSYN(
        _ segment: Segment, heard: Timestamp, at time: Timestamp, _ anomalies: inout Anomalies
    ) {
        if !seen.contains(.syn) {
            initialSendSequence = segment.sequenceNumber
            seen.insert(.syn)
            noteFirstCopy(segment, at: time)
        }
        if synCount > 0, isCopy(segment, heard: heard, at: time) {
            if synCopies < .max { synCopies += 1 }
        } else if synCount < .max {
            synCount += 1
        }
        if segment.options.present.contains(.windowScale) {
            windowScale = segment.options.windowScale
            seen.insert(.windowScale)
        }
        if segment.payloadLength > 0 {
            seen.insert(.fastOpen)
            anomalies.insert(.fastOpen)
        }
        if segment.options.present.contains(.multipath) { anomalies.insert(.multipath) }
    }

    /// The first copy of a SYN or FIN.
    @inlinable
    mutating func noteFirstCopy(_ segment: Segment, at time: Timestamp) {
        controlSeen = time
        // Without the option the field holds what an earlier segment left there.
        controlTimestamp =
            segment.options.present.contains(.timestamps) ? segment.options.timestampValue : 0
    }

    /// When the latest copy of its SYN or FIN went past, where that is the latest thing that it sent.
    @inlinable
    func lastControlCopy(before time: Timestamp) -> Timestamp {
        let first = max(lastNew, controlSeen)
        guard seen.contains(.retransmitted) else { return min(first, time) }
        let units = UInt32(truncatingIfNeeded: time.nanoseconds >> 20) &- repeatedTime
        return max(first, time - TimeSpan(nanoseconds: Int64(units) << 20))
    }

    /// A segment that occupies sequence numbers and reaches no further than what was sent before:
    /// keepalive, zero-window probe, or retransmission. RFC 1122, section 4.2.3.6.
    @inlinable
    mutating func noteRepetition(
        _ segment: Segment, heard: Timestamp, at time: Timestamp, _ anomalies: inout Anomalies
    ) {
        let isProbe =
            segment.payloadLength <= 1 && segment.flags.isDisjoint(with: [.syn, .fin])
            && segment.sequenceNumber == sendNext - 1
        if isProbe, sendNext == sendUnacknowledged {
            noteKeepalive(&anomalies)
        } else if segment.flags.isSuperset(of: [.syn, .ack]), anomalies.contains(.simultaneousOpen)
        {
            // The SYN,ACK of a simultaneous open has the number of the SYN before it.
        } else if !isCopy(segment, heard: heard, at: time) {
            if retransmissions < .max { retransmissions += 1 }
            if unansweredRetransmissions < .max { unansweredRetransmissions += 1 }
            let previous =
                seen.contains(.retransmitted)
                ? repeatedTime : UInt32(truncatingIfNeeded: lastNew.nanoseconds >> 20)
            seen.insert(.retransmitted)
            identification = segment.identification
            repeatedTime = UInt32(truncatingIfNeeded: time.nanoseconds >> 20)
            repetitionGap = repeatedTime &- previous
        }
    }

    /// Whether a segment that reaches no further than what was sent before was not sent again: the tap
    /// saw it twice, or later than what was sent after it.
    ///
    /// A host numbers its packets on, so a repetition has a later IP identification than what is
    /// newest. Without one (IPv6; 0 on IPv4: RFC 6864) it is a copy if its sender had no reason to send it
    /// again: nothing came from the peer since, and no timer is that short (Linux's tail loss probe waits
    /// for two ticks at least, `TCP_TIMEOUT_MIN`).
    ///
    /// - Parameter heard: when the peer last sent anything.
    @inlinable
    func isCopy(_ segment: Segment, heard: Timestamp, at time: Timestamp) -> Bool {
        guard segment.identification != 0, identification != 0 else {
            return heard < lastNew && time - lastNew < 1_000_000
        }
        let sinceRepetition =
            UInt32(truncatingIfNeeded: time.nanoseconds >> 20) &- repeatedTime
        guard
            time - lastNew <= 10_000_000
                || (seen.contains(.retransmitted) && sinceRepetition <= 10)
        else { return false }
        let step = Int16(bitPattern: segment.identification &- identification)
        return step <= 0 && step > -256
    }

    @inlinable
    mutating func noteKeepalive(_ anomalies: inout Anomalies) {
        anomalies.insert(.keepalive)
        if keepalives < .max { keepalives += 1 }
        if unansweredKeepalives < .max { unansweredKeepalives += 1 }
    }
}
