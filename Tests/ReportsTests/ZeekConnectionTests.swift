import Reports
import Testing
import Wire

/// Hand-made connections beside what Zeek's documentation of `conn_state` and `history` says of them.
struct ZeekConnectionTests {
    /// A segment by its letters: who sends it, control bits, sequence number, acknowledgment number, payload bytes.
    struct Packet {
        let isFromClient: Bool
        let flags: TCPFlags
        let sequence: UInt32
        let acknowledgment: UInt32
        let length: UInt32

        init(
            _ sender: Character, _ flags: TCPFlags, _ sequence: UInt32,
            _ acknowledgment: UInt32 = 0, _ length: UInt32 = 0
        ) {
            isFromClient = sender == "c"
            self.flags = flags
            self.sequence = sequence
            self.acknowledgment = acknowledgment
            self.length = length
        }
    }

    static let opening = [
        Packet("c", .syn, 100), Packet("s", [.syn, .ack], 300, 101), Packet("c", .ack, 101, 301),
    ]

    typealias Row = (packets: [Packet], state: String, history: String)

    static let rows: [Row] = [
        ([Packet("c", .syn, 100)], "S0", "S"),
        ([Packet("c", .syn, 100), Packet("c", .syn, 100)], "S0", "S"),
        (opening, "S1", "ShA"),
        ([Packet("c", .syn, 100), Packet("s", [.rst, .ack], 0, 101)], "REJ", "Sr"),
        ([Packet("c", .syn, 100), Packet("c", .rst, 101)], "RSTOS0", "SR"),
        (
            opening + [
                Packet("c", .ack, 101, 301, 10), Packet("s", .ack, 301, 111, 20),
                Packet("c", [.fin, .ack], 111, 321),
                Packet("s", [.fin, .ack], 321, 112), Packet("c", .ack, 112, 322),
            ], "SF", "ShADdFf"
        ),
        (opening + [Packet("c", [.fin, .ack], 101, 301)], "S2", "ShAF"),
        (opening + [Packet("s", [.fin, .ack], 301, 101)], "S3", "ShAf"),
        (opening + [Packet("c", [.rst, .ack], 101, 301)], "RSTO", "ShAR"),
        (opening + [Packet("s", .rst, 301)], "RSTR", "ShAr"),
        ([Packet("s", [.syn, .ack], 300, 101), Packet("s", .rst, 301)], "OTH", "HR"),
        ([Packet("c", .syn, 100), Packet("c", [.fin, .ack], 101)], "SH", "SF"),
        // The same data twice.
        (
            opening + [Packet("c", .ack, 101, 301, 10), Packet("c", .ack, 101, 301, 10)], "S1",
            "ShADT"
        ),
        // An acknowledgment of data that no packet carried.
        (opening + [Packet("s", .ack, 301, 201)], "S1", "ShAaG"),
        // FIN and RST in one segment.
        (opening + [Packet("c", [.fin, .rst], 101)], "RSTO", "ShAI"),
    ]

    private func followed(_ packets: [Packet], isCut: Bool = false) -> ZeekConnection? {
        var connection: ZeekConnection?
        for (index, packet) in packets.enumerated() {
            var segment = Segment()
            let ends = [Address(ipv4: 0x0a00_0001), Address(ipv4: 0x0a00_0002)]
            segment.source = ends[packet.isFromClient ? 0 : 1]
            segment.destination = ends[packet.isFromClient ? 1 : 0]
            segment.sourcePort = packet.isFromClient ? 40000 : 9999
            segment.destinationPort = packet.isFromClient ? 9999 : 40000
            segment.flags = packet.flags
            segment.sequenceNumber = SequenceNumber(packet.sequence)
            segment.acknowledgmentNumber = SequenceNumber(packet.acknowledgment)
            segment.payloadLength = packet.length
            segment.packetLength = 40 + packet.length
            segment.window = 1000
            let time = Timestamp(nanoseconds: Int64(index) * 1_000_000)
            var known = connection ?? ZeekConnection(segment, at: time) { _ in false }
            known.receive(segment, at: time, isCut: isCut)
            connection = known
        }
        return connection
    }

    @Test(arguments: rows.indices)
    func `conn_state and history are Zeek's`(index: Int) throws {
        let row = ZeekConnectionTests.rows[index]
        let connection = try #require(followed(row.packets))
        #expect(connection.connectionState == row.state)
        #expect(connection.history == row.history)
    }

    /// Zeek counts what it cannot deliver, and shows a gap where that is acknowledged.
    @Test func `payload of frames that were captured in part is missed`() throws {
        let packets =
            ZeekConnectionTests.opening + [
                Packet("c", .ack, 101, 301, 100), Packet("s", .ack, 301, 201),
            ]
        let whole = try #require(followed(packets))
        #expect(whole.history == "ShADa")
        #expect(whole.missedBytes == 0)
        let cut = try #require(followed(packets, isCut: true))
        #expect(cut.history == "ShADaG")
        #expect(cut.missedBytes == 100)
    }

    @Test func `bytes acknowledged and not seen are missed, once`() throws {
        let packets =
            ZeekConnectionTests.opening + [
                Packet("s", .ack, 301, 201), Packet("s", .ack, 301, 201),
            ]
        let connection = try #require(followed(packets))
        #expect(connection.missedBytes == 100)
        #expect(connection.counts(ofResponder: false).payload == 100)
    }

    @Test
    func `an attempt without an answer expires after 5 s, a quiet connection after 5 minutes`()
        throws
    {
        let attempt = try #require(followed([Packet("c", .syn, 100)]))
        #expect(!attempt.hasExpired(by: Timestamp(nanoseconds: 5_000_000_000)))
        #expect(attempt.hasExpired(by: Timestamp(nanoseconds: 5_000_000_001)))
        let open = try #require(followed(ZeekConnectionTests.opening))
        #expect(!open.hasExpired(by: Timestamp(nanoseconds: 299_000_000_000)))
        #expect(open.hasExpired(by: Timestamp(nanoseconds: 300_002_000_000)))
    }
}
