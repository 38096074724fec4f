public import Wire

/// A connection as Zeek's conn.log has it: `conn_state`, `history`, sizes and counts.
///
/// Fed with every segment of a connection, in the order of the frames. Zeek, `scripts/base/protocols/conn/main.zeek`
/// for the fields, `src/packet_analysis/protocol/tcp/TCPSessionAdapter.cc` for the rules.
public struct ZeekConnection: Sendable {
    /// The originator and the responder.
    public private(set) var originator: (address: Address, port: UInt16)
    /// The responder.
    public private(set) var responder: (address: Address, port: UInt16)
    /// The time of the first segment.
    public let first: Timestamp
    /// The time of the last segment before both ends had closed, or that closed the second: the end of Zeek's `duration`.
    public private(set) var last: Timestamp
    /// The time of the last segment.
    public private(set) var lastSegment: Timestamp
    /// Letters in order: upper case for the originator.
    public private(set) var history = ""
    private var ends = [2 of ZeekEndpoint](repeating: ZeekEndpoint())

    /// Begins with the connection's first segment, which is still to be taken.
    ///
    /// - Parameter isServerPort: whether a port is likely a server's (Zeek's `likely_server_ports`).
    public init(_ segment: Segment, at time: Timestamp, isServerPort: (UInt16) -> Bool) {
        originator = (segment.source, segment.sourcePort)
        responder = (segment.destination, segment.destinationPort)
        first = time
        last = time
        lastSegment = time
        let isAttempt = segment.flags.intersection([.syn, .ack]) == .syn
        if !isAttempt, isServerPort(segment.sourcePort) { flip() }
    }

    /// Takes a segment.
    ///
    /// - Parameters:
    ///   - hasBadChecksum: whether its checksum is wrong: such a segment counts as a packet only.
    ///   - isCut: whether its frame was captured in part: then Zeek takes its payload as missing.
    public mutating func receive(
        _ segment: Segment, at time: Timestamp, hasBadChecksum: Bool = false, isCut: Bool = false
    ) {
        let isFromOriginator =
            segment.source == originator.address && segment.sourcePort == originator.port
            && !segment.isSelfConnect
        var sender = isFromOriginator ? 0 : 1
        lastSegment = max(lastSegment, time)
        ends[sender].packets &+= 1
        ends[sender].internetBytes &+= UInt64(segment.packetLength)
        if hasBadChecksum {
            show(.checksum, sender)
            return
        }
        if history == "H", sender == 0, segment.flags.intersection([.syn, .fin, .rst]).isEmpty {
            // A SYN,ACK and more of the same end: its peer began.
            history = "^h"
            flipEnds()
            sender = 1
        }
        track(segment, at: time, sender, isCut: isCut)
    }

    private mutating func track(
        _ segment: Segment, at time: Timestamp, _ sender: Int, isCut: Bool
    ) {
        let flags = segment.flags
        let control = flags.intersection([.syn, .fin, .rst])
        if !hasEnded { last = max(last, time) }
        let isReset = flags.contains(.rst)
        let isAcknowledging = flags.contains(.ack) && !isReset
        if isAcknowledging, segment.window == 0, !ends[1 - sender].hasSentFIN {
            show(.zeroWindow, sender)
        }
        if ends[sender].send(segment, isCut: isCut) { show(.retransmission, sender) }
        showFlags(segment, control, sender)
        if isAcknowledging, ends[1 - sender].acknowledge(segment.acknowledgmentNumber) {
            show(.gap, 1 - sender)
        }
        changeState(segment, sender)
        if history == "Hs" { flip() }
    }

    /// Whether both ends have sent a FIN or a RST.
    private var hasEnded: Bool {
        [0, 1].allSatisfy { ends[$0].state == .closed || ends[$0].state == .reset }
    }

    // MARK: Letters

    private mutating func show(_ letter: Character, _ end: Int) {
        history.append(end == 0 ? Character(letter.uppercased()) : letter)
    }

    private mutating func show(_ letter: ZeekEndpoint.Counted, _ end: Int) {
        if ends[end].shows(letter) { show(letter.letter, end) }
    }

    private mutating func show(
        _ letter: ZeekEndpoint.Numbered, _ number: SequenceNumber, _ end: Int
    ) {
        if ends[end].shows(letter, at: number) { show(letter.letter, end) }
    }

    private mutating func show(_ once: ZeekEndpoint.Letters, _ letter: Character, _ end: Int) {
        if ends[end].shows(once) { show(letter, end) }
    }

    private mutating func showFlags(_ segment: Segment, _ control: TCPFlags, _ sender: Int) {
        let number = segment.sequenceNumber
        switch control {
        case []:
            if segment.payloadLength > 0 {
                show(.data, "d", sender)
            } else if segment.flags.contains(.ack) {
                show(.acknowledgment, "a", sender)
            }
        case .syn: show(segment.flags.contains(.ack) ? .synAck : .syn, number, sender)
        case .fin: show(.fin, number + segment.payloadLength, sender)
        case .rst: show(.rst, number, sender)
        case _ where control.isSuperset(of: [.fin, .rst]): show(.inconsistent, "i", sender)
        default: show(.severalFlags, "q", sender)
        }
    }

    /// The roles were the other way round.
    private mutating func flip() {
        flipEnds()
        history += "^"
    }

    private mutating func flipEnds() {
        swap(&originator, &responder)
        let end = ends[0]
        ends[0] = ends[1]
        ends[1] = end
    }

    // MARK: States

    private mutating func changeState(_ segment: Segment, _ sender: Int) {
        let flags = segment.flags
        let peer = 1 - sender
        switch ends[sender].state {
        case .inactive where flags.contains(.syn):
            if sender == 1 {
                ends[1].state = .established
                if ends[0].state == .synSent { ends[0].state = .established }
            } else {
                ends[0].state = flags.contains(.ack) ? .synAckSent : .synSent
            }
        case .inactive where flags.isDisjoint(with: [.fin, .rst]):
            if flags.contains(.ack), ends[peer].state == .established {
                ends[sender].state = .established
            } else if sender == 0 || ends[0].state != .synSent || segment.payloadLength > 0 {
                ends[sender].state = .partial
            }
        case .synSent, .synAckSent:
            if flags.contains(.ack), ends[peer].state == .established {
                ends[sender].state = .established
            }
        case .inactive, .partial, .established, .closed, .reset: break
        }
        if flags.contains(.rst) {
            if ends[sender].state != .closed || ends[peer].state != .closed {
                ends[sender].state = .reset
            }
        } else if flags.contains(.fin) {
            ends[sender].countFIN()
            ends[sender].state = .closed
        }
    }

    /// Zeek's `conn_state`.
    public var connectionState: String {
        let (orig, resp) = (ends[0], ends[1])
        switch (orig.state, resp.state) {
        case (.synSent, .reset), (.synAckSent, .reset): return "REJ"
        case (.reset, .reset) where orig.size == 0 && resp.size == 0: return "REJ"
        case (let state, .reset): return state.isInactive ? "RSTRH" : "RSTR"
        case (.reset, let state) where state.isInactive:
            let isAttempt = history.first == "S" && !history.contains { "hHfFdD".contains($0) }
            return isAttempt ? "RSTOS0" : "OTH"
        case (.reset, _): return "RSTO"
        case (.closed, .closed): return "SF"
        case (.closed, let state): return state.isInactive ? "SH" : "S2"
        case (let state, .closed): return state.isInactive ? "SHR" : "S3"
        case (.synSent, .inactive): return "S0"
        case (.established, .established): return "S1"
        default: return "OTH"
        }
    }

    // MARK: Counts

    /// Seconds between first and last; nil where nothing passed after the first moment.
    public var duration: Double? {
        let length = last - first
        return length > 0 ? Double(length.nanoseconds) / 1e9 : nil
    }

    /// Packets, IP bytes and payload bytes of the originator (`false`) or of the responder (`true`); payload nil where
    /// there is no duration, as Zeek has it.
    public func counts(ofResponder isResponder: Bool) -> (
        packets: UInt64, bytes: UInt64, payload: UInt64?
    ) {
        let end = ends[isResponder ? 1 : 0]
        return (end.packets, end.internetBytes, duration == nil ? nil : end.size)
    }

    /// Bytes that were acknowledged and that no packet carried.
    public var missedBytes: UInt64 { ends[0].missedBytes &+ ends[1].missedBytes }

    // MARK: Zeek's timers

    /// Whether Zeek would have ended this row before a segment at `time`, and begun another one: an attempt without
    /// an answer after 5 s, a closed connection 5 s after its last segment, a quiet one after 5 minutes, or after an hour on
    /// an interactive port (Zeek's `tcp_attempt_delay`, `tcp_close_delay`, `tcp_inactivity_timeout`).
    public func hasExpired(by time: Timestamp) -> Bool {
        let idle = time - lastSegment
        let states = [ends[0].state, ends[1].state]
        if states.contains(.reset) || states == [.closed, .closed] { return idle >= .seconds(11) }
        if states == [.synSent, .inactive] {
            return time - first > .seconds(5)
        }
        let isInteractive = [21, 22, 23, 513].contains {
            $0 == originator.port || $0 == responder.port
        }
        return idle >= .seconds(isInteractive ? 3600 : 300)
    }
}
