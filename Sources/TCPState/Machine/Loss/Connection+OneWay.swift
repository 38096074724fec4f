public import Wire

// A capture that shows one direction only: what the end that it shows acknowledges, it has received. A last
// acknowledgment of one number more is taken for that of a FIN, and a FIN that is not repeated was acknowledged.
extension Connection {
    /// Takes what the sender's acknowledgment says about segments of its peer, of which none is in the capture.
    @inlinable
    mutating func proveUnseenSegments<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard segment.flags.contains(.ack), segment.flags.isDisjoint(with: .syn) else { return }
        let acknowledged = segment.acknowledgmentNumber
        let isFirst = ends[s].state == .synSent
        if isFirst || (ends[s].hasReceived && acknowledged > ends[s].receiveNext) {
            let count = isFirst ? 0 : acknowledged.rawValue &- ends[s].receiveNext.rawValue
            let unseen = RareFacts.Unseen(count: count, time: time, frame: frame)
            updateRareFacts(&context) { $0.unseen = unseen }
        }
        guard let unseen = context.keptRareFacts(of: self)?.rareFacts.unseen, unseen.count == 1
        else {
            return
        }
        let isHalfClosed = ends[s].state == .finWait1 || ends[s].state == .finWait2
        guard isHalfClosed || segment.flags.contains(.fin) else { return }
        func received(_ event: Event, _ grade: Grade, _ context: inout MachineContext<Observer>) {
            transition(
                s, on: event, grade: grade, moment: .beforeSending, seen: unseen.time,
                notBefore: ends[s].since, notAfter: unseen.time, frame: unseen.frame, &context)
        }
        if isHalfClosed { received(.receivedACKofFIN, .assumed, &context) }
        received(.receivedFIN, .inferred, &context)
    }

    /// Assumes that the sender's FIN will be acknowledged where the capture does not show it. Withdrawn when
    /// it is repeated.
    @inlinable
    mutating func assumeUnseenACK<Observer: TransitionObserver>(
        _ segment: Segment, _ s: Int, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        guard segment.flags.contains(.fin), ends[s].hasSentFIN,
            context.keptRareFacts(of: self)?.rareFacts.unseen != nil
        else { return }
        inferTransition(
            s, on: .receivedACKofFIN, grade: .assumed, seen: time, notBefore: time, frame: frame,
            &context)
    }
}
