public import TCPState
public import Wire

extension Tracker {
    /// Whether the segment is a SYN that begins a new connection on a key in use: its sender has
    /// sent before, and not this SYN. Wireshark begins a new stream by the same rule.
    @inlinable
    func isNewIncarnation(_ segment: Segment, _ index: FlowIndex, _ sender: Side) -> Bool {
        guard segment.flags.contains(.syn), segment.flags.isDisjoint(with: [.ack, .rst]) else {
            return false
        }
        let end = table.flows[index].connection[sender]
        guard end.hasSent else { return false }
        return !(end.hasSentSYN && end.initialSendSequence == segment.sequenceNumber)
    }

    /// Whether the segment belongs to the earlier connection on the key: it fits there, and not the
    /// one that began since. A challenge ACK and the RST that follows it do (RFC 5961, section 4).
    @inlinable
    func belongsToPrevious(
        _ previous: FlowIndex, _ segment: Segment, not current: FlowIndex, _ sender: Side
    ) -> Bool {
        guard !segment.flags.contains(.syn) else { return false }
        let new = table.flows[current].connection[sender]
        let old = table.flows[previous].connection[sender]
        if new.hasSentSYN || new.hasSent {
            let offset = segment.sequenceNumber.rawValue &- new.initialSendSequence.rawValue
            return offset > 1 << 30 && old.hasSent
                && abs(Int64(segment.sequenceNumber.distance(from: old.sendNext))) < 1 << 20
        }
        // Nothing from this end yet: it answers the new SYN only by acknowledging exactly that.
        let answersNew =
            segment.flags.contains(.ack)
            && segment.acknowledgmentNumber
                == table.flows[current].connection[sender.peer].sendNext
        return !answersNew && old.hasSent
    }

    /// The stream of a connection that begins with a segment, and whether it is a copy: the same packets, seen
    /// elsewhere before.
    ///
    /// - Parameter other: the first of the connections on its key; nil without any.
    @inlinable
    mutating func number(
        _ queued: SegmentQueue.QueuedSegmentRef, _ sender: Side, beside other: FlowIndex?
    ) -> (stream: UInt32, isCopy: Bool) {
        // The same connection seen on another VLAN or interface is the same stream to Wireshark.
        if let other {
            let twin = whole(other, hash: queued.hash)
            table.schedule(twin)
            if !isNewIncarnation(queued.segment, twin, sender) {
                noteStart(queued.indexInBatch, beginsStream: false)
                return (table.flows[twin].connection.stream, isCopy(queued, of: twin, sender))
            }
        }
        noteStart(queued.indexInBatch, beginsStream: true)
        defer { nextStream &+= 1 }
        return (nextStream, false)
    }

    /// Whether a segment that begins a connection went past elsewhere a moment ago: its number is one that
    /// its sender has just used there. Two networks with the same addresses have different ones.
    @inlinable
    func isCopy(_ queued: SegmentQueue.QueuedSegmentRef, of twin: FlowIndex, _ sender: Side) -> Bool
    {
        let end = table.flows[twin].connection[sender]
        return end.hasSent && queued.time - end.lastSent < 1_000_000_000
            && abs(Int64(queued.segment.sequenceNumber.distance(from: end.sendNext))) < 1 << 20
    }

    /// Begins a connection on a key whose earlier one is not forgotten: port reuse.
    @inlinable
    mutating func reuseKey(
        _ queued: SegmentQueue.QueuedSegmentRef, _ old: FlowIndex, _ sender: Side
    ) -> FlowIndex {
        table.flows[old].connection.advance(to: queued.time, context: &context)
        let peerState = table.flows[old].connection[sender.peer].state
        table.flows[old].replace(
            sender, at: queued.time, frame: queued.frame, context: &context)
        table.schedule(old)
        if Observer.forgetsClosed { scheduleExpiry(old) }
        var flow = begin(queued, table.flows[old].key, sender, stream: nextStream)
        flow.connection.anomalies.insert(.portReuse)
        flow.connection.noteSupersededPeer(peerState, &context)
        flow.scopes = table.flows[old].scopes
        nextStream &+= 1
        noteStart(queued.indexInBatch, beginsStream: true)
        if table.flows[old].connection.anomalies.contains(.seenElsewhere) {
            flow.connection.anomalies.insert(.seenElsewhere)
        }
        makeRoom()
        // The old one is over now: it may have been the one that made room.
        let index =
            table.isLive(old)
            ? table.reuseKey(old, with: flow, hash: queued.hash)
            : table.insert(flow, hash: queued.hash)
        noteSlot(index)
        return index
    }

    @inlinable
    mutating func noteStart(_ indexInBatch: UInt32, beginsStream: Bool) {
        guard isShard else { return }
        starts.append(frame: framesBefore &+ UInt64(indexInBatch) &+ 1, beginsStream: beginsStream)
    }

    /// Whether a connection's first segment answers a SYN that came before the run: a SYN,ACK in its first
    /// three seconds, in which Linux repeats one twice (RFC 6298, section 2.1: after one second, then two).
    @inlinable
    func answersBeforeStart(_ segment: Segment, at time: Timestamp) -> Bool {
        guard segment.flags.isSuperset(of: [.syn, .ack]), let start else { return false }
        return time - start <= 3_000_000_000
    }

    @inlinable
    mutating func begin(
        _ queued: SegmentQueue.QueuedSegmentRef, _ key: FlowKey, _ sender: Side, stream: UInt32
    ) -> Flow {
        counts.connections &+= 1
        defer { nextSerial &+= 1 }
        var connection = Connection(
            serial: nextSerial, stream: stream, first: queued.segment, from: sender,
            at: queued.time,
            frame: queued.frame)
        if answersBeforeStart(queued.segment, at: queued.time) {
            connection.anomalies.insert(.midStream)
        }
        context.observer.connectionOpened(
            ConnectionRecord(key: key, connection: connection, scope: queued.scope))
        return Flow(key: key, connection: connection, sender: sender, scope: queued.scope)
    }
}
