public import Wire

// A FIN that looks like one that its receiver drops, until the receiver acknowledges it: behind a hole of the capture that
// is larger than the window (RFC 9293, section 3.10.7.4, first), or older than what went past before it and was lost after
// that (PAWS: RFC 7323, section 5.3).
extension Connection {
    /// Notes a FIN that its receiver cannot take, but has not had.
    @inlinable
    mutating func noteFarFIN<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard segment.endSequenceNumber > ends[1 - s].receiveNext else { return }
        let far = RareFacts.FarFIN(
            end: s, number: segment.endSequenceNumber, time: time, frame: frame)
        updateRareFacts(&context) { $0.farFIN = far }
    }

    /// Whoever acknowledges a FIN by its very number has received it: the end did send it.
    @inlinable @inline(never)
    mutating func believeFarFIN<Observer: TransitionObserver>(
        acknowledgedBy segment: Segment, _ s: Int, _ context: inout MachineContext<Observer>
    ) {
        let end = 1 - s
        guard let far = context.keptRareFacts(of: self)?.rareFacts.farFIN, Int(far.end) == end,
            !ends[end].hasSentFIN, segment.acknowledgmentNumber == far.number,
            ends[end].lastNew <= far.time
        else { return }
        ends[end].finEnd = far.number
        if ends[end].sendNext < far.number { ends[end].sendNext = far.number }
        if ends[s].receiveNext < far.number { ends[s].receiveNext = far.number }
        ends[end].seen.insert(.fin)
        if firstCloser == nil { firstCloser = Side(rawValue: end) }
        transition(
            end, on: .sentFIN, grade: .proved, moment: .beforeSending, seen: far.time,
            notBefore: nil, notAfter: far.time, frame: far.frame, &context)
    }
}
