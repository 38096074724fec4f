public import Wire

extension Connection {
    /// Takes an ICMP message that quotes a segment which `side` had sent. RFC 9293, section 3.9.2.2.
    ///
    /// - Parameter isHard: whether the message makes a host give up an attempt to connect; later it
    ///   is only noted.
    @inlinable
    public mutating func takeUnreachable<Observer: TransitionObserver>(
        _ quoted: Segment, isHard: Bool, to side: Side, at time: Timestamp, frame: UInt64,
        context: inout MachineContext<Observer>
    ) {
        let end = side.rawValue
        guard isHard, ends[end].hasSent else { return }
        anomalies.insert(.unreachable)
        note(&context) { $0.unreachableFrame = $0.unreachableFrame ?? frame }
        guard ends[end].state == .synSent,
            quoted.sequenceNumber == ends[end].initialSendSequence
        else { return }
        inferTransition(
            end, on: .receivedUnreachable, seen: time, notBefore: time, frame: frame, &context)
    }
}
