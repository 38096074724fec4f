public import TCPState

/// How a local socket differs from what its packets say, and the rule that explains it.
public enum Disagreement: String, Hashable, Sendable, CaseIterable {
    /// The kernel has a socket of which no packet was seen.
    case unseen
    /// By its packets the handshake is complete, by the kernel it is not.
    case notAccepted = "not_accepted"
    /// By its packets it is over, the kernel still has it: its program has not closed it.
    case heldByProgram = "held_by_program"
    /// By its packets it is over or reset, by the kernel it is established.
    case endNotReceived = "end_not_received"
    /// The kernel is further on than the packets.
    case missedPackets = "missed_packets"
    /// The packets are further on than the kernel.
    case notYetReceived = "not_yet_received"
    /// The packets leave it in TIME-WAIT, the kernel has forgotten it.
    case timeWaitCutShort = "time_wait_cut_short"
    /// The packets have it open, this namespace has no such socket.
    case elsewhere

    /// Compares one local end.
    ///
    /// - Parameters:
    ///   - wire: its state by its packets; nil if none was seen.
    ///   - kernel: its state by the kernel; nil if it has no such socket.
    /// - Returns: nil where both agree.
    public init?(wire: State?, kernel: State?) {
        guard wire != kernel else { return nil }
        switch (wire ?? .closed, kernel ?? .closed) {
        case (_, .closed):
            switch wire ?? .closed {
            case .unknown, .closed, .listen: return nil
            case .timeWait: self = .timeWaitCutShort
            case .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
                .lastAck:
                self = .elsewhere
            }
        case (let a, let b) where a == b || a == .unknown: return nil
        case (.closed, .timeWait) where wire != nil: return nil
        case (.closed, _) where wire == nil: self = .unseen
        case (.established, .synReceived): self = .notAccepted
        case (.closed, .closeWait), (.timeWait, .closeWait): self = .heldByProgram
        case (.closed, _), (.timeWait, .established): self = .endNotReceived
        case (let a, let b): self = a.progress < b.progress ? .missedPackets : .notYetReceived
        }
    }

    /// The rule in words.
    public var rule: String {
        switch self {
        case .unseen:
            "no packet since the start: the connection is idle, or not on the captured interfaces"
        case .notAccepted:
            "the kernel ignored the final ACK of the handshake: the accept queue is full, or the"
                + " application waits for data (TCP_DEFER_ACCEPT)"
        case .heldByProgram:
            "the peer is gone and the application has not called close()"
        case .endNotReceived:
            "half-open: the peer ended the connection, and this host did not receive or accept it"
        case .missedPackets: "this capture missed packets: see the loss counts"
        case .notYetReceived:
            "a captured packet has not reached the socket, or was dropped"
        case .timeWaitCutShort:
            "TIME_WAIT ended early: the port pair was reused, a RST arrived, or"
                + " tcp_max_tw_buckets was reached"
        case .elsewhere:
            "the socket is in another network namespace, or its end was not captured"
        }
    }
}

extension State {
    /// How far a connection is on its way from the first SYN to the last ACK.
    fileprivate var progress: Int {
        switch self {
        case .unknown, .closed, .listen: 0
        case .synSent: 1
        case .synReceived: 2
        case .established: 3
        case .finWait1, .closeWait: 4
        case .finWait2, .closing, .lastAck: 5
        case .timeWait: 6
        }
    }
}
