public import Wire

extension Connection {
    /// Follows the sequence numbers of both ends: SND.NXT, SND.UNA, RCV.NXT, windows, counters.
    /// It changes no state.
    @inlinable
    mutating func follow(
        _ segment: Segment, from sender: Side, to receiver: Side, at time: Timestamp
    ) {
        let s = sender.rawValue
        let r = receiver.rawValue
        let end = segment.endSequenceNumber
        let occupies = segment.length > 0

        count(segment, s, at: time)
        if !ends[s].knows.contains(.sent) {
            meet(segment, s)
        }
        if segment.flags.contains(.syn) {
            noteSYN(segment, s, at: time)
        }

        guard !isOldByTimestamp(segment, at: r) else { return }
        noteTimestamp(segment, at: r, from: s)

        // SND.NXT, and whether this is something new.
        if occupies {
            if end > ends[s].sendNext || ends[s].packets == 1 {
                if ends[s].sendNext == ends[s].sendUnacknowledged || ends[s].packets == 1 {
                    ends[s].unacknowledgedSince = time
                    if !isBusy(s, at: time) { ends[s].busySince = time }
                }
                if end.rawValue < ends[s].sendNext.rawValue { anomalies.insert(.sequenceWrap) }
                ends[s].sendNext = end
                ends[s].lastNew = time
                ends[s].knows.remove(.retransmitted)
                noteWindowUse(s)
            } else {
                noteRepetition(segment, s)
            }
        } else if segment.sequenceNumber > ends[s].sendNext {
            // A bare ACK beyond what was seen: the data before it is not in the capture.
            ends[s].sendNext = segment.sequenceNumber
        } else if segment.sequenceNumber == ends[s].sendNext - 1,
            !ends[r].knows.contains(.zeroWindow)
        {
            noteKeepalive(s)
        }

        // RCV.NXT of the other end, if the segment connects to what it has.
        if !ends[r].knows.contains(.received) {
            ends[r].receiveNext = end
            ends[r].knows.insert(.received)
        } else if segment.sequenceNumber <= ends[r].receiveNext, end > ends[r].receiveNext {
            ends[r].receiveNext = end
        }

        if segment.flags.contains(.ack) {
            followAcknowledgment(segment, s, r, at: time)
        }
        followWindow(segment, s, at: time)
    }

    @inlinable
    mutating func count(_ segment: Segment, _ s: Int, at time: Timestamp) {
        ends[s].packets &+= 1
        ends[s].bytes &+= UInt64(segment.packetLength)
        ends[s].payload &+= UInt64(segment.payloadLength)
        ends[s].lastSent = time
        ends[s].timeToLive = segment.timeToLive
        if ends[1 - s].unansweredKeepalives != 0 { ends[1 - s].unansweredKeepalives = 0 }
    }

    /// Whether the receiver drops the segment since its timestamp is older than what it had: PAWS, RFC
    /// 7323, section 5.3.
    @inlinable
    func isOldByTimestamp(_ segment: Segment, at r: Int) -> Bool {
        segment.options.present.contains(.timestamps) && ends[r].knows.contains(.timestamps)
            && Int32(bitPattern: segment.options.timestampValue &- ends[r].recentTimestamp) < 0
            && !segment.flags.contains(.syn)
    }

    /// TS.Recent of the receiver: RFC 7323, section 4.3, rule (2).
    @inlinable
    mutating func noteTimestamp(_ segment: Segment, at r: Int, from s: Int) {
        guard segment.options.present.contains(.timestamps) else { return }
        guard ends[r].knows.contains(.timestamps) else {
            ends[r].knows.insert(.timestamps)
            ends[r].recentTimestamp = segment.options.timestampValue
            return
        }
        if segment.sequenceNumber <= ends[s].sendUnacknowledged {
            ends[r].recentTimestamp = segment.options.timestampValue
        }
    }

    /// The first segment of an end: where its sequence numbers start.
    @inlinable
    mutating func meet(_ segment: Segment, _ s: Int) {
        ends[s].knows.insert(.sent)
        if !ends[s].knows.contains(.acknowledged) {
            ends[s].sendUnacknowledged = segment.sequenceNumber
            ends[s].knows.insert(.acknowledged)
        }
        if segment.sequenceNumber > ends[s].sendNext || ends[s].packets == 1 {
            ends[s].sendNext = segment.sequenceNumber
        }
    }

    @inlinable
    mutating func noteSYN(_ segment: Segment, _ s: Int, at time: Timestamp) {
        if !ends[s].knows.contains(.syn) {
            ends[s].initialSendSequence = segment.sequenceNumber
            ends[s].knows.insert(.syn)
            noteFirstCopy(segment, s, at: time)
        }
        if ends[s].synCount < .max { ends[s].synCount += 1 }
        if segment.options.present.contains(.windowScale) {
            ends[s].windowScale = segment.options.windowScale
            ends[s].knows.insert(.windowScale)
        }
        if segment.payloadLength > 0 {
            ends[s].knows.insert(.fastOpen)
            anomalies.insert(.fastOpen)
        }
        if segment.options.present.contains(.multipath) { anomalies.insert(.multipath) }
    }

    /// The first copy of a SYN or FIN.
    @inlinable
    mutating func noteFirstCopy(_ segment: Segment, _ s: Int, at time: Timestamp) {
        ends[s].controlSeen = time
        ends[s].controlTimestamp = segment.options.timestampValue
    }

    /// When the copy of the peer's SYN or FIN that arrived went past the tap, if the answer tells:
    /// it echoes the timestamp of the one that advanced RCV.NXT. RFC 7323, section 4.3; Linux keeps
    /// the first SYN's in its request socket.
    @inlinable
    func echoedFirstCopy(_ answer: Segment, _ s: Int) -> Timestamp? {
        let peer = ends[1 - s]
        guard answer.options.present.contains(.timestamps), ends[s].knows.contains(.timestamps),
            answer.options.timestampEcho == peer.controlTimestamp,
            peer.controlSeen.nanoseconds != .min
        else { return nil }
        return peer.controlSeen
    }

    /// A segment that occupies sequence numbers and reaches no further than what was sent before:
    /// keepalive, zero-window probe, or retransmission. RFC 1122, section 4.2.3.6.
    @inlinable
    mutating func noteRepetition(_ segment: Segment, _ s: Int) {
        let isProbe =
            segment.payloadLength <= 1 && segment.flags.isDisjoint(with: [.syn, .fin])
            && segment.sequenceNumber == ends[s].sendNext - 1
        if isProbe, ends[s].sendNext == ends[s].sendUnacknowledged {
            noteKeepalive(s)
        } else if segment.flags.isSuperset(of: [.syn, .ack]), anomalies.contains(.simultaneousOpen) {
            // The SYN,ACK of a simultaneous open has the number of the SYN before it.
        } else {
            if ends[s].retransmissions < .max { ends[s].retransmissions += 1 }
            if ends[s].unansweredRetransmissions < .max { ends[s].unansweredRetransmissions += 1 }
            ends[s].knows.insert(.retransmitted)
        }
    }

    @inlinable
    mutating func noteKeepalive(_ s: Int) {
        anomalies.insert(.keepalive)
        if ends[s].keepalives < .max { ends[s].keepalives += 1 }
        if ends[s].unansweredKeepalives < .max { ends[s].unansweredKeepalives += 1 }
    }

    /// SEG.ACK from `s`: SND.UNA of `r`, and what it proves `s` to have received.
    @inlinable
    mutating func followAcknowledgment(
        _ segment: Segment, _ s: Int, _ r: Int, at time: Timestamp
    ) {
        let acknowledged = segment.acknowledgmentNumber
        if !ends[r].knows.contains(.sent) {
            // The other direction is not in the capture so far.
            if !ends[r].knows.contains(.acknowledged)
                || acknowledged > ends[r].sendUnacknowledged
            {
                ends[r].sendUnacknowledged = acknowledged
                ends[r].sendNext = acknowledged
                ends[r].knows.insert(.acknowledged)
            }
            if !ends[s].knows.contains(.received) || acknowledged > ends[s].receiveNext {
                ends[s].receiveNext = acknowledged
                ends[s].knows.insert(.received)
            }
            return
        }
        if acknowledged > ends[r].sendNext {
            // One such segment may be forged; a second one means that the capture has a hole.
            guard ends[s].knows.contains(.acknowledgedUnseen) else {
                ends[s].knows.insert(.acknowledgedUnseen)
                anomalies.insert(.ackOfUnseenData)
                return
            }
            ends[r].sendNext = acknowledged
        }
        ends[s].knows.remove(.acknowledgedUnseen)
        if acknowledged > ends[s].receiveNext
            || (acknowledged >= ends[r].sendUnacknowledged
                && time - ends[r].lastNew > ends[s].flightTime)
        {
            // SEG.ACK is RCV.NXT, unless more is on its way; what never arrived is taken back.
            ends[s].receiveNext = acknowledged
        }
        guard acknowledged > ends[r].sendUnacknowledged else { return }
        ends[r].sendUnacknowledged = acknowledged
        ends[r].unansweredRetransmissions = 0
        if acknowledged == ends[r].sendNext {
            if !ends[r].knows.contains(.retransmitted) {
                ends[s].roundTripNanoseconds = min(
                    ends[s].roundTripNanoseconds, max(0, time - ends[r].lastNew))
            }
        } else {
            ends[r].unacknowledgedSince = time
        }
    }

    @inlinable
    mutating func followWindow(_ segment: Segment, _ s: Int, at time: Timestamp) {
        ends[s].window = segment.window
        if segment.window != 0 {
            ends[s].knows.remove(.zeroWindow)
        } else if !segment.flags.contains(.syn), !ends[s].knows.contains(.zeroWindow) {
            ends[s].knows.insert(.zeroWindow)
            ends[s].zeroWindowSince = time
            ends[1 - s].knows.insert(.windowFull)
            anomalies.insert(.zeroWindow)
        }
    }

    /// Whether an end has something on its way, or sends right after its peer's window let it: what it
    /// sends now may have waited in its send queue.
    @inlinable
    func isBusy(_ s: Int, at time: Timestamp) -> Bool {
        ends[s].sendNext > ends[s].sendUnacknowledged
            || (ends[s].knows.contains(.windowFull)
                && time - ends[1 - s].lastSent <= ends[s].flightTime)
    }

    /// Notes whether what is on its way leaves no room for another segment in the peer's window.
    @inlinable
    mutating func noteWindowUse(_ s: Int) {
        let window = ends[1 - s].scaledWindow(peerScales: ends[s].knows.contains(.windowScale))
        if ends[s].unacknowledgedBytes &+ 1460 > window {
            ends[s].knows.insert(.windowFull)
        } else {
            ends[s].knows.remove(.windowFull)
        }
    }
}
