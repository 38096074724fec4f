public import Wire

extension Connection {
    /// Takes an ICMP message that quotes a segment which `side` had sent. RFC 9293, section 3.9.2.2.
    ///
    /// A message that makes no host give up an attempt to connect is only noted, and so is any later.
    @inlinable
    public mutating func receiveUnreachable<Observer: TransitionObserver>(
        _ quoted: Segment, _ error: ICMPError, to side: Side, at time: Timestamp, frame: UInt64,
        context: inout MachineContext<Observer>
    ) {
        let end = side.rawValue
        guard ends[end].hasSent else { return }
        noteICMP(error, to: side, frame: frame, &context)
        guard error.isHardForSynSent else { return }
        anomalies.insert(.unreachable)
        updateRareFacts(&context) { $0.unreachableFrame = $0.unreachableFrame ?? frame }
        guard ends[end].state == .synSent,
            quoted.sequenceNumber == ends[end].initialSendSequence
        else { return }
        inferTransition(
            end, on: .receivedUnreachable, seen: time, notBefore: time, frame: frame, &context)
    }
}
