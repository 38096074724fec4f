public import Wire

/// What a connection did that its endpoints do not remember and a diagnosis asks for. Few connections
/// did any of it, so they do not carry the room: see `RareFactsPool`.
public struct RareFacts: Sendable {
    /// The first RST that its receiver accepted.
    public var reset: Reset?
    /// RSTs that their receiver did not accept, and the connection after the first of them.
    public var ignored = IgnoredResets()
    /// The first silence in which an end waited for an answer in vain, and then closed.
    public var givenUp: Connection.Gap?
    /// What the end was in whose name the RST came that ended the connection, to be that again if it lives.
    @usableFromInline var closedByReset: ClosedByReset?
    /// How long the ends kept their windows closed, by side, as far as they opened them again.
    public var stalls = InlineArray<2, Stalls>(repeating: Stalls())
    /// From one unanswered keepalive probe to the next; 0 without two of them.
    public var probeInterval: TimeSpan = 0
    /// The state of the other end's old socket when the SYN reused the port pair; nil without reuse.
    public var supersededPeerState: State?
    /// An acknowledgment that may have crossed the RST; nil once a second RST tells.
    @usableFromInline var ackCrossingReset: AckCrossingReset?
    /// What may have been an answer from CLOSING: see ``Connection/noteFirstAnswer(_:_:from:_:in:at:_:)``.
    @usableFromInline var firstAnswer: FirstAnswer?
    /// A FIN beyond its receiver's window: see ``Connection/believeFarFIN(acknowledgedBy:_:_:)``.
    @usableFromInline var farFIN: FarFIN?
    /// What was last acknowledged to an end that the capture does not show: see
    /// ``Connection/proveUnseenSegments(_:_:at:frame:_:)``.
    @usableFromInline var unseen: Unseen?
    /// The frame of the ICMP message that reported the peer unreachable; nil without one.
    public var unreachableFrame: UInt64?
    /// The first ICMP error that quotes it; nil without one.
    public internal(set) var icmp: ICMP?
    /// The latest copy of the client's SYN that differs from the first in more than its time.
    public internal(set) var laterSYN: FirstSegment?
    /// A SYN,ACK with another number than the first: another host answers as well.
    public internal(set) var otherSYNACK: OtherSYNACK?
    /// By side, the longest segment that it repeated while nothing of it was acknowledged.
    public var repeated = InlineArray<2, Repeated>(repeating: Repeated())

    /// Nothing.
    public init() {}

    /// A RST that ended the connection, and what it looked like.
    public struct Reset: Sendable {
        /// Its frame.
        public var frame: UInt64
        /// When it went past the tap.
        public var time: Timestamp
        /// In whose name it came.
        public var sender: Side
        /// What its numbers say about the socket behind it.
        public internal(set) var form: Form
        /// SEG.SEQ.
        public var sequenceNumber: SequenceNumber
        /// The state of the end that it names as its sender, just before.
        public internal(set) var senderState: State
        /// The state of the end that receives it, just before.
        public internal(set) var receiverState: State
        /// Nanoseconds from the last segment of that sender to what it leaves unanswered.
        public internal(set) var silence: TimeSpan
        /// Nanoseconds from the receiver's last segment to the RST.
        public internal(set) var delay: TimeSpan
        /// Whether the receiver had sent data or FIN that is not acknowledged.
        public internal(set) var isAfterData: Bool
        /// Whether the receiver had sent a keepalive probe that is not answered.
        public internal(set) var isAfterProbe: Bool
        /// Nanoseconds since the sender's FIN; nil without one.
        public internal(set) var finAge: TimeSpan?
        /// Whether the receiver had acknowledged that FIN.
        public internal(set) var isFINAcknowledged: Bool
        /// A hash of the hardware address that it came from; 0 where the link has none.
        public internal(set) var hardwareSource: UInt16
        /// Its time to live.
        public var timeToLive: UInt8
        /// The time to live of the sender's segment before it.
        public var usualTimeToLive: UInt8
        /// The first frame with new data in the sender's name after it: a real sender is silent.
        public var laterFrame: UInt64?
        /// Whether the other end's name stood in a RST soon after.
        public internal(set) var isMutual = false
        /// Its control bits.
        public internal(set) var flags: TCPFlags
        /// SEG.ACK.
        public internal(set) var acknowledgmentNumber: SequenceNumber
        /// SEG.WND.
        public var window: UInt16
        /// IP identification.
        public internal(set) var identification: UInt16
        /// IP identification of the sender's segment before it that had to be acknowledged.
        public internal(set) var usualIdentification: UInt16
        /// Nanoseconds since the sender's segment before it; 0 without one.
        public internal(set) var quiet: TimeSpan
        /// Whether the receiver has sent something since that segment, which the RST may answer.
        public internal(set) var mayAnswer: Bool
        /// Whether its number is the next one of its sender.
        public internal(set) var hasNextNumber: Bool
        /// Whether its number is the highest that the receiver has acknowledged.
        public internal(set) var hasAcknowledgedNumber: Bool
        /// Whether nothing but a FIN of the receiver is not acknowledged.
        public internal(set) var isAfterFINOnly: Bool
        /// How many bytes of the receiver were not acknowledged, a FIN included.
        public internal(set) var unacknowledged: UInt32
        /// Segments in the sender's name after it that are no RST and come later than what may have
        /// been on its way: its socket lives.
        public var lifeSigns: UInt16 = 0
        /// The first of these frames.
        public var lifeFrame: UInt64?
        /// Segments of the receiver after it, later than what may have been on its way: it did not arrive.
        public var receiverLife: UInt16 = 0
        /// More RSTs in the sender's name.
        public internal(set) var others: UInt16 = 0
        /// Of these, those that answer nothing and have another time to live, identification step or number
        /// than one host gives in a row.
        public internal(set) var oddOthers: UInt16 = 0

        /// What the numbers of a RST say. RFC 9293, section 3.5.2; Linux `tcp_v4_send_reset`,
        /// `tcp_send_active_reset`.
        public enum Form: Sendable {
            /// Without ACK, numbered by the acknowledgment it answers: there is no such socket.
            case stateless
            /// With ACK and the next sequence number: a socket was aborted.
            case live
            /// With ACK and number 0: nobody listens.
            case refusal
        }
    }

    /// An ICMP error that quotes a segment of the connection.
    public struct ICMP: Sendable {
        /// The message.
        public internal(set) var error: ICMPError
        /// Whose segment it quotes.
        public internal(set) var quoted: Side
        /// Its frame.
        public var frame: UInt64
        /// How many there were.
        public var count: UInt16
    }

    /// A second answer to a SYN.
    public struct OtherSYNACK: Sendable {
        /// Its frame.
        public var frame: UInt64
        /// SEG.SEQ.
        public var sequenceNumber: SequenceNumber
        /// Time to live.
        public var timeToLive: UInt8
        /// Nanoseconds since the first answer.
        public internal(set) var delay: TimeSpan
    }

    /// What was repeated without an acknowledgment.
    public struct Repeated: Sendable {
        /// The payload of the longest, in bytes.
        public var length: UInt32 = 0
        /// The number that it begins with.
        @usableFromInline var start = SequenceNumber(0)
        /// The payload of a later segment from the same number on that is shorter; 0 without one.
        public var shortened: UInt32 = 0
        /// How many copies.
        public var count: UInt16 = 0

        /// Nothing.
        public init() {}
    }

    /// An end before it was closed by a RST in its name.
    @usableFromInline struct ClosedByReset: Sendable {
        @usableFromInline var end: UInt8
        /// The RST's frame.
        @usableFromInline var resetFrame: UInt64
        /// The observer's name for the transition.
        @usableFromInline var token: UInt32
        @usableFromInline var state: State
        @usableFromInline var grade: Grade
        @usableFromInline var since: Timestamp
        @usableFromInline var sinceFrame: UInt64

        @usableFromInline
        init(end s: Int, resetFrame: UInt64, token: UInt32, before end: Endpoint) {
            self.end = UInt8(s)
            self.resetFrame = resetFrame
            self.token = token
            state = end.state
            grade = end.grade
            since = end.since
            sinceFrame = end.sinceFrame
        }
    }

    /// An acknowledgment of a SYN or FIN that was on its way when the same end sent a RST: see
    /// ``Connection/noteACKCrossingReset(_:_:_:_:)``.
    @usableFromInline struct AckCrossingReset: Sendable {
        @usableFromInline var peerPackets: UInt64
        @usableFromInline var token: UInt32
        /// SEG.ACK.
        @usableFromInline var acknowledged: SequenceNumber
        @usableFromInline var answers: UInt32
        @usableFromInline var end: UInt8

        @usableFromInline
        init(
            end: Int, token: UInt32, peerPackets: UInt64, acknowledged: SequenceNumber,
            answers: UInt32
        ) {
            self.peerPackets = peerPackets
            self.token = token
            self.acknowledged = acknowledged
            self.answers = answers
            self.end = UInt8(end)
        }
    }

    /// A FIN that lies ahead of all that its receiver can take.
    @usableFromInline struct FarFIN: Sendable {
        /// The end that sent it.
        @usableFromInline var end: UInt8
        /// The number behind it.
        @usableFromInline var number: SequenceNumber
        @usableFromInline var time: Timestamp
        @usableFromInline var frame: UInt64

        @usableFromInline
        init(end: Int, number: SequenceNumber, time: Timestamp, frame: UInt64) {
            self.end = UInt8(end)
            self.number = number
            self.time = time
            self.frame = frame
        }
    }

    /// An acknowledgment with a number ahead of all that was seen of its sender, and the first one of the peer's FIN, which
    /// mostly is the same.
    @usableFromInline struct FirstAnswer: Sendable {
        /// The end that sent it.
        @usableFromInline var end: UInt8
        /// The observer's name for the transition by the peer's FIN.
        @usableFromInline var token: UInt32 = 0
        /// That transition's frame; 0 until the FIN is acknowledged.
        @usableFromInline var frame: UInt64 = 0
        /// When the FIN was acknowledged.
        @usableFromInline var acknowledged: Timestamp
        @usableFromInline var sequenceNumber: SequenceNumber
        @usableFromInline var time: Timestamp
        /// The end's latest segment before it.
        @usableFromInline var lastSent: Timestamp

        @usableFromInline
        init(end: Int, sequenceNumber: SequenceNumber, time: Timestamp, lastSent: Timestamp) {
            self.end = UInt8(end)
            self.sequenceNumber = sequenceNumber
            self.time = time
            self.lastSent = lastSent
            acknowledged = time
        }
    }

    /// An acknowledgment of what is not in the capture.
    @usableFromInline struct Unseen: Sendable {
        /// How much further it went than the one before.
        @usableFromInline var count: UInt32
        @usableFromInline var time: Timestamp
        @usableFromInline var frame: UInt64

        @usableFromInline
        init(count: UInt32, time: Timestamp, frame: UInt64) {
            self.count = count
            self.time = time
            self.frame = frame
        }
    }

    /// RSTs that were not accepted: RFC 5961, section 3.
    public struct IgnoredResets: Sendable {
        /// How many.
        public var count: UInt16 = 0
        /// The first one's frame.
        public var frame: UInt64 = 0
        /// The first one's time.
        public var time = Timestamp(nanoseconds: 0)
        /// In whose name it came.
        public var sender = Side.low
        /// The receiver's next acknowledgment, if it acknowledges nothing new: the challenge ACK.
        public var challengeFrame: UInt64?
        /// Whether the end that it names went on with the connection.
        public var hasGoneOn = false
        /// The first one's time to live, and that of the segments of the end that it names.
        public var timeToLive: UInt8 = 0
        /// See ``timeToLive``.
        public var usualTimeToLive: UInt8 = 0
        /// The first one's number.
        public var sequenceNumber = SequenceNumber(0)
        /// Whether the others have other numbers: their sender guesses.
        public var hasOtherNumbers = false
    }

    /// Times with a closed window that are over.
    public struct Stalls: Sendable {
        /// How many.
        public var count: UInt16 = 0
        /// All together.
        public var total: TimeSpan = 0
        /// The longest.
        public var longest: TimeSpan = 0
        /// The frame that closed the window first; nil while it never was.
        public var frame: UInt64?

        /// None.
        public init() {}
    }
}
