public import Wire

extension Connection {
    /// Shows the one socket of a connection to itself at its far end as well, without counting what it sent
    /// twice: either end gives the same answer.
    @usableFromInline
    mutating func mirrorSelfConnect() {
        ends[1] = ends[0]
        ends[1].packets = 0
        ends[1].bytes = 0
        ends[1].payload = 0
        ends[1].retransmissions = 0
        ends[1].synCount = 0
        ends[1].synCopies = 0
        ends[1].finCount = 0
        ends[1].rstCount = 0
        ends[1].keepalives = 0
    }

    /// Takes that back.
    mutating func forgetMirror() { ends[1] = Endpoint() }

    /// Takes a segment of an endpoint that is connected to itself: what it sends it receives, on the
    /// spot and in order, so every transition is proved. RFC 9293, section 3.5, figure 7, with both
    /// roles in one host; Linux sends SYN, SYN,ACK, ACK, …, FIN, ACK and ends in TIME-WAIT.
    @usableFromInline
    mutating func receiveFromItself<Observer: TransitionObserver>(
        _ segment: Segment, from side: Side, at time: Timestamp, frame: UInt64,
        _ context: inout MachineContext<Observer>
    ) {
        let end = side.rawValue
        let flags = segment.flags
        let earliest = ends[end].hasSent ? ends[end].lastSent : nil
        if flags.contains(.rst) {
            countReset(segment, end, at: time)
        } else {
            follow(segment, from: side, at: time)
        }
        if flags.contains(.fin) {
            if ends[end].finCount < .max { ends[end].finCount += 1 }
            if !ends[end].hasSentFIN {
                ends[end].finEnd = segment.endSequenceNumber
                ends[end].seen.insert(.fin)
                firstCloser = side
            }
        }
        let coversFIN =
            flags.contains(.ack) && ends[end].hasSentFIN
            && segment.acknowledgmentNumber >= ends[end].finEnd
        func happens(_ event: Event) {
            transition(
                end, on: event, grade: event == .presumed ? .assumed : .proved, moment: .atTap,
                seen: time, notBefore: earliest, notAfter: time, frame: frame, &context)
        }
        if flags.contains(.rst) { return happens(.sentRST) }
        if flags.contains(.syn) {
            happens(flags.contains(.ack) ? .sentSYNACK : .sentSYN)
            if flags.contains(.ack) { happens(.receivedACKofSYN) }
            return
        }
        if flags.contains(.ack) { happens(.presumed) }
        if flags.contains(.fin) {
            happens(.sentFIN)
            happens(.receivedFIN)
        }
        if coversFIN { happens(.receivedACKofFIN) }
    }
}
