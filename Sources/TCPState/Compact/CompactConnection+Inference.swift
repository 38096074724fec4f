internal import Wire

// Of many established ends nothing was seen since their SYN,ACK: what is inferred of them is nearly always the same.
extension CompactConnection {
    /// Keeps what is inferred of an end of which only a SYN,ACK was seen: that it holds something, and that the ACK of it has
    /// arrived. Returns whether that is all that is inferred.
    mutating func setInferred(
        _ pending: (Pending, Pending), _ end: Int,
        _ connection: borrowing @_addressable Connection, _ details: inout CompactDetails
    ) -> Bool {
        guard !connection.maySendInSynReceived(end) else { return false }
        facts.insert(.isInferred(end))
        let answered = connection.ends[end].first.time
        if pending.1.latest == connection.ends[end].passedBeforeOpening,
            pending.1.peerPackets == CompactConnection.usualPackets,
            pending.1.priorFrame == connection.ends[1 - end].sinceFrame
        {
            facts.set(.answer, pending.1.priorSince, usually: answered, or: connection.firstSeen)
        } else {
            facts.insert(.hasDetails)
        }
        details.setInferred(pending.1, from: connection.firstSeen, connection.firstFrame, answered)
        if details.setTokens(pending) { facts.insert(.hasDetails) }
        // Only what is made again as it was can be left out.
        let same = inferred(end, connection, details)
        return same.0.isSame(as: pending.0) && same.1.isSame(as: pending.1)
    }

    /// A SYN and an ACK.
    private static var usualPackets: UInt64 { 2 }

    /// - Parameter connection: what was made of this one.
    private func inferred(
        _ end: Int, _ connection: borrowing @_addressable Connection, _ details: CompactDetails
    ) -> (Pending, Pending) {
        var pending = unnamed(end, connection, details)
        details.name(&pending)
        return pending
    }

    private func unnamed(
        _ end: Int, _ connection: borrowing @_addressable Connection, _ details: CompactDetails
    ) -> (Pending, Pending) {
        let source = facts.source(of: .answer)
        guard source != .details else {
            return details.inferred(
                connection.ends[end], from: connection.firstSeen, connection.firstFrame)
        }
        // The SYN,ACK is what the peer is established by.
        let answered = connection.ends[end].first.time
        let answerFrame = connection.ends[1 - end].sinceFrame
        return (
            Pending(answeredAt: answered, from: connection.firstSeen, frame: answerFrame),
            Pending(
                acknowledgedAt: connection.ends[end].passedBeforeOpening,
                frame: connection.ends[end].sinceFrame,
                peerPackets: CompactConnection.usualPackets,
                answeredSince: source == .usual ? answered : connection.firstSeen,
                frame: answerFrame)
        )
    }
}

extension CompactConnection {
    /// Gives a connection that was made of this one what is inferred of its ends.
    public func inferTransition<Observer: TransitionObserver>(
        _ connection: inout Connection, _ details: CompactDetails,
        _ context: inout MachineContext<Observer>
    ) {
        for end in 0...1 where facts.contains(.isInferred(end)) {
            let pending = inferred(end, connection, details)
            connection.addPending(pending.0, end, &context)
            connection.addPending(pending.1, end, &context)
        }
    }
}

extension Endpoint {
    /// When the acknowledgment of its SYN,ACK went past the tap, by which it is established: it takes a while to get there.
    fileprivate var passedBeforeOpening: Timestamp { since - delayToTap }
}

extension Pending {
    /// That an end which sent a SYN,ACK holds something.
    init(answeredAt time: Timestamp, from base: Timestamp, frame: UInt64) {
        self.init(
            event: .sentSYNACK, from: .unknown, token: 0, latest: time, notBefore: base,
            frame: frame, peerPackets: 1, priorSince: Timestamp(nanoseconds: 0), priorFrame: 0,
            priorGrade: .assumed)
    }

    /// That the acknowledgment of it has arrived.
    ///
    /// - Parameter answeredSince: when it entered SYN-RECEIVED.
    init(
        acknowledgedAt time: Timestamp, frame: UInt64, peerPackets: UInt64,
        answeredSince: Timestamp, frame answerFrame: UInt64
    ) {
        self.init(
            event: .receivedACKofSYN, from: .synReceived, token: 0, latest: time, notBefore: time,
            frame: frame, peerPackets: peerPackets, priorSince: answeredSince,
            priorFrame: answerFrame, priorGrade: .proved)
    }
}
