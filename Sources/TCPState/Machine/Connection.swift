public import Wire

/// One incarnation of a connection: two endpoints and what is inferred about each.
///
/// Fed with segments in the order in which the tap saw them; never reads a clock, never allocates.
/// What an endpoint sends is proof of its state at that moment; what its peer sent to it is inference
/// until it answers. See `Connection+SenderProof.swift` and `Connection+Delivery.swift`.
public struct Connection: Sendable {
    // First what every packet touches.

    /// Time of its last segment.
    public var lastSeen: Timestamp
    /// Frame of its last segment.
    public var lastFrame: UInt64
    /// What was odd.
    public var anomalies: Anomalies = []
    /// Wireshark's `tcp.completeness` when the whole capture is read: SYN 1, SYN-ACK 2, ACK 4, data 8,
    /// FIN 16, RST 32.
    public var completeness: UInt8 = 0
    /// The mask without the last segment: what tshark, which reads a capture once, prints on that frame.
    public var completenessBeforeLast: UInt8 = 0
    /// How many transitions of each end are only inferred.
    @usableFromInline var pendingCount = InlineArray<2, UInt8>(repeating: 0)
    @usableFromInline var ends = InlineArray<2, Endpoint>(repeating: Endpoint())

    /// Unique in one run, counted from 0 in the order of first segments.
    public private(set) var serial: UInt32
    /// The number that Wireshark gives the stream (`tcp.stream`).
    public internal(set) var stream: UInt32
    /// Time of its first segment.
    public let firstSeen: Timestamp
    /// Frame of its first segment.
    public let firstFrame: UInt64

    /// The end that opened it (the client), as far as it is known.
    public internal(set) var opener: Side
    /// Whether the handshake shows who opened it; otherwise `opener` is a guess by port numbers.
    public internal(set) var isOpenerKnown = false
    /// The end that sent the first FIN or RST that counts; nil while both are open.
    public var firstCloser: Side?
    /// The end whose RST ended it; nil if none did.
    public var resetBy: Side?

    /// Its silences.
    public var gaps = Gaps()

    /// Where its notes are kept; 0 while there are none.
    @usableFromInline var rareFactsSlot: UInt32 = 0

    /// Begins a connection with its first segment, which is not yet taken: call
    /// ``receive(_:from:at:frame:context:)`` with it next.
    public init(
        serial: UInt32, stream: UInt32, first segment: Segment, from sender: Side,
        at time: Timestamp, frame: UInt64
    ) {
        self.serial = serial
        self.stream = stream
        firstSeen = time
        lastSeen = time
        firstFrame = frame
        lastFrame = frame
        if segment.flags.contains(.syn) {
            opener = segment.flags.contains(.ack) ? sender.peer : sender
            isOpenerKnown = true
        } else {
            // The server's port is the smaller one, more often than not.
            let senderIsServer =
                segment.sourcePort != segment.destinationPort
                && segment.sourcePort < segment.destinationPort
            opener = senderIsServer ? sender.peer : sender
            anomalies.insert(.midStream)
        }
        if segment.isSelfConnect {
            anomalies.insert(.selfConnect)
        }
    }

    /// Gives it the numbers that it has in a run of which its tracker saw a part.
    public mutating func renumber(serial: UInt32, stream: UInt32) {
        self.serial = serial
        self.stream = stream
    }

    /// One of the two ends.
    @inlinable
    public subscript(side: Side) -> Endpoint {
        @inline(__always) @_addressableSelf get { ends[side.rawValue] }
    }

    /// The end that opened it.
    @inlinable
    public var client: Endpoint {
        @inline(__always) @_addressableSelf get { ends[opener.rawValue] }
    }
    /// The end that was opened to.
    @inlinable
    public var server: Endpoint {
        @inline(__always) @_addressableSelf get { ends[opener.peer.rawValue] }
    }

    /// Lends both ends to be changed together.
    @inlinable @inline(__always)
    mutating func withBothEnds<Result>(
        _ body: (UnsafeMutablePointer<Endpoint>) -> Result
    ) -> Result {
        unsafe withUnsafeMutablePointer(to: &ends) { ends in
            unsafe body(UnsafeMutableRawPointer(ends).assumingMemoryBound(to: Endpoint.self))
        }
    }

    /// Whether both ends are closed, as far as known: nothing more is expected.
    @inlinable
    public var isFinished: Bool {
        Connection.isFinished(ends[0].state, ends[1].state)
    }

    @inlinable @inline(__always)
    static func isFinished(_ a: State, _ b: State) -> Bool {
        (a == .closed || a == .unknown) && (b == .closed || b == .unknown)
            && (a == .closed || b == .closed)
    }

    /// Whether neither end was ever established: a handshake that is not complete.
    @inlinable
    public var isHalfOpen: Bool {
        !ends[0].state.isSynchronized && !ends[1].state.isSynchronized && !isFinished
    }

}
