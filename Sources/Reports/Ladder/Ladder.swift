public import TCPState
public import Wire

/// One connection, segment by segment, with its final history.
public struct Ladder: Sendable {
    /// One segment.
    public struct LadderRow: Sendable {
        /// The frame, as ``FrameReference``.
        public let frame: UInt64
        /// When it passed the tap.
        public let time: Timestamp
        /// Who sent it.
        public let sender: Side
        /// Its control bits.
        public let flags: TCPFlags
        /// SEG.SEQ.
        public let sequenceNumber: SequenceNumber
        /// SEG.ACK.
        public let acknowledgmentNumber: SequenceNumber
        /// Payload bytes.
        public let payloadLength: UInt32
        /// What is odd about it, in words; empty as a rule.
        public let notes: [String]

        /// Joins a segment with what the tracker made of it.
        public init(
            _ segment: Segment, from sender: Side, at time: Timestamp, frame: UInt64,
            notes: [String]
        ) {
            self.frame = frame
            self.time = time
            self.sender = sender
            flags = segment.flags
            sequenceNumber = segment.sequenceNumber
            acknowledgmentNumber = segment.acknowledgmentNumber
            payloadLength = segment.payloadLength
            self.notes = notes
        }
    }

    /// The connection as it was at the end.
    public let record: ConnectionRecord
    /// Its segments.
    public let rows: [LadderRow]
    /// Its transitions, without those that were withdrawn.
    public let history: [TransitionRow]
    /// The withdrawn ones, each with the frame that showed that it had not happened.
    public let withdrawn: [(transition: Transition, frame: UInt64)]

    /// Joins the parts.
    public init(
        record: ConnectionRecord, rows: [LadderRow], history: [TransitionRow],
        withdrawn: [(transition: Transition, frame: UInt64)]
    ) {
        self.record = record
        self.rows = rows
        self.history = history
        self.withdrawn = withdrawn
    }
}
