public import TCPState
public import Wire

extension StuckConnection {
    /// One end.
    public struct End: Sendable {
        /// Its address.
        public let address: Address
        /// Its port.
        public let port: UInt16
        /// Its state.
        public let state: State
        /// How sure that is.
        public let grade: Grade
        /// When it entered the state: best estimate.
        public let since: Timestamp
        /// The frame that shows it.
        public let frame: UInt64
        /// Bytes it sent that are not acknowledged, SYN and FIN included.
        public let unacknowledgedBytes: UInt32
        /// Retransmissions since its peer last acknowledged anything new.
        public let unansweredRetransmissions: UInt16
        /// Keepalive probes since its peer last sent anything.
        public let unansweredKeepalives: UInt16
        /// Segments with SYN that it sent.
        public let synCount: UInt16
        /// Segments with FIN that it sent.
        public let finCount: UInt16
        /// Whether it sent anything at all.
        public let hasSent: Bool

        init(_ endpoint: Endpoint, _ address: Address, _ port: UInt16) {
            self.address = address
            self.port = port
            state = endpoint.state
            grade = endpoint.grade
            since = endpoint.since
            frame = endpoint.sinceFrame
            unacknowledgedBytes = endpoint.unacknowledgedBytes
            unansweredRetransmissions = endpoint.unansweredRetransmissions
            unansweredKeepalives = endpoint.unansweredKeepalives
            synCount = endpoint.synCount
            finCount = endpoint.finCount
            hasSent = endpoint.hasSent
        }
    }
}
