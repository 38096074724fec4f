public import TCPState
public import Wire

/// One connection as a tap saw it: its ends, what its SYNs said, and where its segments are.
public struct TapConnection: Sendable {
    /// Its addresses and ports.
    public private(set) var key: FlowKey
    /// Which end opened it: the sender of the first SYN without ACK; where there is none, the end with the higher port.
    public internal(set) var opener: Side
    /// Whether a SYN told so.
    public internal(set) var isOpenerKnown: Bool
    /// The first segment's time.
    public let first: Timestamp
    /// The last segment's time.
    public internal(set) var last: Timestamp
    private var low = End()
    private var high = End()

    /// What is known of an end.
    private struct End {
        /// What its SYN said; nil where the tap saw none.
        var opening: SYN?
        /// Its initial sequence number: by its SYN, or by the SYN,ACK that acknowledges it.
        var start: SequenceNumber?
    }

    /// What a SYN says of its sender.
    public struct SYN: Sendable {
        /// The initial sequence number.
        public let initialSequenceNumber: SequenceNumber
        /// Its options.
        public let options: TCPOptions
    }

    init(_ key: FlowKey, opener: Side, at time: Timestamp) {
        self.key = key
        self.opener = opener
        isOpenerKnown = false
        first = time
        last = time
    }

    private subscript(end side: Side) -> End {
        get { side == .low ? low : high }
        set {
            if side == .low { low = newValue } else { high = newValue }
        }
    }

    /// The SYN of an end.
    public internal(set) subscript(side: Side) -> SYN? {
        get { self[end: side].opening }
        set {
            self[end: side].opening = newValue
            if let newValue { self[end: side].start = newValue.initialSequenceNumber }
        }
    }

    /// An end's initial sequence number; nil where neither its SYN nor its peer's SYN,ACK was seen.
    func start(of side: Side) -> SequenceNumber? { self[end: side].start }

    /// Notes what a SYN,ACK acknowledges.
    mutating func acknowledge(_ number: SequenceNumber, of side: Side) {
        if self[end: side].start == nil { self[end: side].start = number - 1 }
    }

    /// The same between other addresses: for output.
    func replacingAddresses(_ replacement: (Address) -> Address) -> TapConnection {
        var copy = self
        copy.key = key.replacingAddresses(replacement)
        return copy
    }

    /// The end in a role.
    public func side(_ role: Role) -> Side { role == .client ? opener : opener.peer }

    /// Address and port of the end in a role, as text.
    public func text(_ role: Role) -> String {
        let side = side(role)
        return key.address(side).text(port: key.port(side))
    }
}

/// An ICMP error that quotes a segment of a connection.
public struct TapICMP: Sendable {
    /// When it passed the tap.
    public let time: Timestamp
    /// The tap's frame.
    public let frame: UInt64
    /// The connection's index in ``Tap/connections``.
    public let connection: UInt32
    /// Who sent the quoted segment.
    public let side: Side
    /// The quoted segment's SEG.SEQ.
    public let sequenceNumber: SequenceNumber
    /// The message.
    public let error: ICMPError
}
