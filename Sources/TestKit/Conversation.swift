public import Wire

/// Two TCP endpoints that talk as a test tells them to, and the segments that a tap between them sees.
///
/// Sequence and acknowledgment numbers follow from what was sent and received; the last argument of every
/// step can change any field of its segment.
///
///     let talk = Conversation()
///     talk.client.syn()
///     talk.server.synAck()
///     talk.client.ack()
///     talk.client.send(100)
///     talk.server.fin(after: .seconds(3)) { $0.window = 0 }
///     for (segment, time) in talk.segments { … }
public final class Conversation {
    /// What the tap saw so far, in order.
    public private(set) var segments: [(segment: Segment, time: Timestamp)] = []
    /// The clock: the time of the latest step.
    public var now: Timestamp
    /// How much later than the one before each step happens, unless it says otherwise.
    public var step: Duration

    var sides: [TalkerState]

    /// Two endpoints that have not met.
    ///
    /// - Parameters:
    ///   - clientISS: The client's initial sequence number.
    ///   - serverISS: The server's initial sequence number.
    ///   - start: When the clock starts; the first step is one `step` later.
    public init(
        clientAddress: Address = Address(ipv4: 0x0a00_0001), clientPort: UInt16 = 40000,
        serverAddress: Address = Address(ipv4: 0x0a00_0002), serverPort: UInt16 = 80,
        clientISS: UInt32 = 1000, serverISS: UInt32 = 5000,
        start: Timestamp = Timestamp(nanoseconds: 1_700_000_000_000_000_000),
        step: Duration = .milliseconds(1)
    ) {
        sides = [
            TalkerState(address: clientAddress, port: clientPort, iss: clientISS),
            TalkerState(address: serverAddress, port: serverPort, iss: serverISS),
        ]
        now = start
        self.step = step
    }

    /// The side with the first address.
    public var client: Talker { Talker(conversation: self, index: 0) }
    /// The side with the second address.
    public var server: Talker { Talker(conversation: self, index: 1) }

    /// The three segments that open a connection. RFC 9293, figure 6.
    public func open() {
        client.syn()
        server.synAck()
        client.ack()
    }

    /// Lets time pass.
    public func wait(_ duration: Duration) {
        now = now + TimeSpan(nanoseconds: duration.nanoseconds)
    }

    /// Forgets sequence numbers, as for a new connection on the same ports; the clock and the segments stay.
    public func restart(clientISS: UInt32, serverISS: UInt32) {
        sides[0] = TalkerState(address: sides[0].address, port: sides[0].port, iss: clientISS)
        sides[1] = TalkerState(address: sides[1].address, port: sides[1].port, iss: serverISS)
    }

    /// The segments so far as Ethernet frames.
    public var frames: [(bytes: [UInt8], time: Timestamp)] {
        segments.map { (PacketBuilder($0.segment).ethernet, $0.time) }
    }

    /// The segments so far as a classic pcap file of Ethernet frames with nanoseconds.
    public var pcap: [UInt8] {
        var writer = PcapWriter(isNanosecond: true)
        for (bytes, time) in frames { writer.append(bytes, at: time) }
        return writer.bytes
    }

    func record(_ segment: Segment) { segments.append((segment, now)) }

    /// What one side remembers.
    struct TalkerState {
        var address: Address
        var port: UInt16
        var sendNext: SequenceNumber
        var receiveNext: SequenceNumber?
        /// Ends of what arrived after a gap, by start.
        var early: [(start: SequenceNumber, end: SequenceNumber)] = []
        /// The latest segment that takes up sequence numbers.
        var latest: Segment?

        init(address: Address, port: UInt16, iss: UInt32) {
            self.address = address
            self.port = port
            sendNext = SequenceNumber(iss)
        }

        /// Takes in what arrives: in order, or after a gap until that is filled.
        mutating func receive(_ segment: Segment) {
            if segment.flags.contains(.syn) {
                receiveNext = segment.endSequenceNumber
                early = []
                return
            }
            var next = receiveNext ?? segment.sequenceNumber
            early.append((segment.sequenceNumber, segment.endSequenceNumber))
            while let index = early.firstIndex(where: { $0.start <= next && $0.end > next }) {
                next = early.remove(at: index).end
            }
            early.removeAll { $0.end <= next }
            receiveNext = next
        }
    }
}

extension Duration {
    /// The whole nanoseconds.
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
