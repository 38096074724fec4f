public import TCPState
public import Wire

/// A diagnosis of one connection.
public struct Finding: Sendable {
    /// What is the matter.
    public let diagnosis: Diagnosis
    /// How it shows, where one diagnosis has several forms.
    public let form: Form
    /// The end that it is about: who does not close, who sent the RST, whose window is closed.
    public let end: Role
    /// Who has to act.
    public let fault: Fault
    /// How bad it is, alone.
    public let severity: Severity
    /// Proved: the capture has the cause and its consequence. Inferred: one of them. Assumed: it follows
    /// from what is absent.
    public let grade: Grade
    /// Whether the capture goes on for long enough after the connection's last segment to say so;
    /// otherwise it is the state at the end of the capture and no more.
    public let isSettled: Bool
    /// When the trouble began.
    public let since: Timestamp
    /// How long what the diagnosis measures took: an age, a silence, a stall. Where it measures
    /// bytes, their number in place of nanoseconds.
    public let length: TimeSpan
    /// How often what it counts happened: copies of a FIN, probes, RSTs.
    public let count: UInt32
    /// The frame of the cause.
    public let frame: UInt64
    /// The frame of the consequence, if it is another one.
    public let laterFrame: UInt64?
    /// The rivals that the connection alone refutes.
    var refuted: Explanations = []

    /// How a diagnosis shows.
    public enum Form: UInt8, Hashable, Sendable {
        /// In its usual form.
        case usual
        /// The peer's timer ran out before, by the stack's profile.
        case expired
        /// The receiver's window is closed.
        case windowClosed
        /// The peer's answers are in the capture and do not arrive.
        case returnPath
        /// The peer says nothing more.
        case silence
        /// The connection that kept the port is in CLOSE-WAIT.
        case leaked
        /// The program had not read all that had come.
        case unread
        /// The peer went on sending to a socket that was closed.
        case closedEarly
        /// In the middle of the handshake.
        case inHandshake
        /// It followed an ICMP message.
        case reported
        /// Over by now.
        case past
        /// A reset told the end.
        case reset
        /// The end's own host rejects, not its socket.
        case rejected
        /// Several in a row that no one host sends.
        case repeated
        /// What was before is not in the capture.
        case unseen
        /// By a RST without ACK that answers nothing.
        case bare
        /// What was on its way is answered.
        case inFlight
        /// After an answer.
        case answered
        /// Only a last word was lost.
        case farewell
        /// After a long silence of both ends.
        case idle
        /// Before any byte.
        case atOnce
        /// A timer of the kernel ran out.
        case timer
        /// All at once, never accepted.
        case listenerClosed
        /// Only some, while others succeed.
        case some
        /// By what the SYN asks for.
        case byOption
        /// A device answers, not the host.
        case device
        /// In vain: the receiver does not take it.
        case inVain
        /// It was never accepted by a program.
        case unaccepted
        /// The other end closes as well, without an answer.
        case closedWithout
        /// Over many hosts.
        case horizontal
        /// Without a SYN.
        case stealth
        /// What it sends is dropped on the way.
        case blocked
        /// After its own FIN, with no data of the peer to answer.
        case afterFIN
    }

    init(
        _ diagnosis: Diagnosis, _ form: Form = .usual, end: Role, fault: Fault,
        _ severity: Severity, _ grade: Grade, isSettled: Bool = true, since: Timestamp,
        length: TimeSpan = 0, count: Int = 1, frame: UInt64, laterFrame: UInt64? = nil
    ) {
        self.diagnosis = diagnosis
        self.form = form
        self.end = end
        self.fault = fault
        self.severity = isSettled ? severity : max(severity, .notice)
        self.grade = isSettled ? grade : .assumed
        self.isSettled = isSettled
        self.since = since
        self.length = max(0, length)
        self.count = UInt32(clamping: count)
        self.frame = frame
        self.laterFrame = laterFrame == frame ? nil : laterFrame
    }
}
