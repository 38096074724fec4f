import TCPState
import TestKit
import Testing
import Wire

/// The fast path does with a segment what the slow path does.
struct PredictionTests {
    /// An established connection with timestamps or without, at any place in the sequence space.
    private static func opened(timestamps: Bool, iss: UInt32) -> Watch {
        let talk = Conversation(clientISS: iss, serverISS: iss &+ 77)
        let stamp: (inout Segment) -> Void = { segment in
            guard timestamps else { return }
            segment.options.present.insert(.timestamps)
            segment.options.timestampValue = 1000
        }
        talk.client.syn { stamp(&$0) }
        talk.server.synAck { stamp(&$0) }
        talk.client.ack { stamp(&$0) }
        talk.client.send(100) { stamp(&$0) }
        talk.server.send(200) { stamp(&$0) }
        talk.client.ack { stamp(&$0) }
        return Watch(talk)
    }

    @Test(
        arguments: [true, false],
        [1000, 0xffff_f000, 0x7fff_f000] as [UInt32])
    func `Predicted segments leave a connection as the whole way does`(
        timestamps: Bool, iss: UInt32
    ) {
        var random = SplitMix64(seed: UInt64(iss) << 1 | (timestamps ? 1 : 0))
        var predicted = 0
        var unpredicted = 0
        var compacted = 0
        for _ in 0..<300 {
            let watch = Self.opened(timestamps: timestamps, iss: iss)
            var now = watch.talk.now
            for frame in 10..<50 as Range<UInt64> {
                let sender: TCPState.Side = Bool.random(using: &random) ? .low : .high
                now = now + TimeSpan(nanoseconds: .random(in: 0...300_000_000, using: &random))
                let segment = Self.next(watch.connection, sender, timestamps, &random)
                var short = watch.connection
                var compact = Self.compact(watch)
                let isTakenCompactly =
                    compact?.takeFastPath(segment, from: sender, at: now, frame: frame) ?? false
                let isTaken =
                    watch.connection.isSteady[sender.rawValue]
                    && short.takeFastPath(segment, from: sender, at: now, frame: frame)
                watch.connection.receive(
                    segment, from: sender, at: now, frame: frame, context: &watch.context)
                #expect(isTakenCompactly == (isTaken && compact != nil))
                guard isTaken else {
                    unpredicted += 1
                    continue
                }
                predicted += 1
                if let compact {
                    compacted += 1
                    #expect(CompactState(compact.connection) == CompactState(watch.connection))
                }
                #expect(
                    ConnectionArchive(short).numbers == ConnectionArchive(watch.connection).numbers)
                #expect(short.lastFrame == watch.connection.lastFrame)
                for side in TCPState.Side.allCases {
                    let isSteady = short.isSteady[side.rawValue]
                    #expect(isSteady == watch.connection.isSteady[side.rawValue])
                }
            }
        }
        #expect(predicted > 1000)
        #expect(unpredicted > 1000)
        #expect(compacted > 500)
    }

    /// All that a connection is, as far as it means anything: numbers, and what an archive leaves out.
    private struct CompactState: Equatable {
        let numbers: [Int64]
        let rest: [String]

        init(_ connection: Connection) {
            // The last number of each end means something only while it repeats itself.
            let all = ConnectionArchive(connection).numbers
            let last = [9 + (all.count - 9) / 2 - 1, all.count - 1]
            numbers = all.indices.filter { !last.contains($0) }.map { all[$0] }
            rest =
                [
                    "\(connection.serial) \(connection.stream) \(connection.firstFrame)",
                    "\(connection.lastFrame) \(connection.gaps)",
                ]
                + TCPState.Side.allCases.map { side in
                    let end = connection[side]
                    return "\(end.first) \(end.sinceFrame) \(end.roundTrip as TimeSpan?)"
                }
        }
    }

    @Test(arguments: [true, false])
    func `A steady connection loses nothing in compact form`(timestamps: Bool) throws {
        for iss in [1000, 0xffff_f000, 0x7fff_f000] as [UInt32] {
            var watch = Self.opened(timestamps: timestamps, iss: iss)
            let compact = try #require(Self.compact(watch))
            #expect(CompactState(compact.connection) == CompactState(watch.connection))
            // Silences, each longer than the one before.
            for second in 1...5 {
                watch.talk.wait(.seconds(2 * Int64(second)))
                watch.talk.client.send(10)
                watch.talk.server.ack()
            }
            watch = Watch(watch.talk)
            let quiet = try #require(Self.compact(watch))
            #expect(CompactState(quiet.connection) == CompactState(watch.connection))
            let longest = quiet.connection.gaps.longestSurvived
            #expect(longest >= .seconds(8) && longest < .seconds(9))
        }
    }

    @Test(arguments: [true, false])
    func `A connection as most are has nothing unusual`(timestamps: Bool) throws {
        for iss in [1000, 0xffff_f000] as [UInt32] {
            let watch = Self.opened(timestamps: timestamps, iss: iss)
            #expect(try #require(Self.compact(watch)).kept.hasDetails == false)
        }
    }

    @Test
    func `What has no room in compact form stays as it is`() {
        let closing = Conversation()
        closing.open()
        closing.client.fin()
        #expect(Self.compact(Watch(closing)) == nil)

        let repeating = Conversation()
        repeating.open()
        repeating.client.send(100)
        repeating.client.retransmit(after: .seconds(1))
        #expect(Self.compact(Watch(repeating)) == nil)

        // The frames of two files that lie side by side.
        var watch = Self.opened(timestamps: true, iss: 1)
        watch.connection.lastFrame = 1 << 48 | 7
        #expect(Self.compact(watch) == nil)

        // Longer than 2⁴⁷ ns after its first segment.
        watch = Self.opened(timestamps: true, iss: 1)
        let segment = Self.data(watch.connection)
        var compact = Self.compact(watch)
        let late = watch.connection.firstSeen + .seconds(140_738)
        #expect(compact?.takeFastPath(segment, from: .low, at: late, frame: 99) == false)
        let soon = watch.connection.firstSeen + .seconds(140_737)
        #expect(compact?.takeFastPath(segment, from: .low, at: soon, frame: 99) == true)
    }

    /// A connection in compact form.
    private struct Compact {
        var kept = CompactConnection()
        var details = CompactDetails()

        var connection: Connection { kept.connection(details) }

        mutating func takeFastPath(
            _ segment: Segment, from sender: TCPState.Side, at time: Timestamp, frame: UInt64
        ) -> Bool {
            kept.takeFastPath(segment, from: sender, at: time, frame: frame)
        }
    }

    private static func compact(_ watch: Watch) -> Compact? {
        var compact = Compact()
        guard watch.connection.write(to: &compact.kept, &compact.details, watch.context) else {
            return nil
        }
        // Not read without need.
        if !compact.kept.hasDetails { compact.details = CompactDetails() }
        return compact
    }

    /// What the client sends next.
    private static func data(_ connection: Connection) -> Segment {
        var segment = Segment()
        segment.flags = .ack
        segment.payloadLength = 100
        segment.packetLength = 152
        segment.sequenceNumber = connection[.low].sendNext
        segment.acknowledgmentNumber = connection[.high].sendNext
        segment.window = 1000
        segment.options.present = .timestamps
        segment.options.timestampValue = 1000
        return segment
    }

    /// What an end may send next: mostly what fits, and everything near it.
    private static func next(
        _ connection: Connection, _ sender: TCPState.Side, _ timestamps: Bool,
        _ random: inout SplitMix64
    ) -> Segment {
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        let end = connection[sender]
        let peer = connection[sender.peer]
        var segment = Segment()
        segment.flags =
            chance(97) ? .ack : [[], [.ack, .psh], [.ack, .fin]].randomElement(using: &random)!
        segment.payloadLength = chance(50) ? 0 : .random(in: 1...4000, using: &random)
        if chance(2) { segment.payloadLength = 20_000 }
        segment.packetLength = segment.payloadLength + 40
        let near: [UInt32] = [0, 1, 500, .max, .max - 700]
        segment.sequenceNumber =
            chance(92) ? end.sendNext : end.sendNext + near.randomElement(using: &random)!
        let window = peer.sendNext.rawValue &- peer.sendUnacknowledged.rawValue
        segment.acknowledgmentNumber =
            chance(90)
            ? peer.sendUnacknowledged + UInt32.random(in: 0...window, using: &random)
            : peer.sendUnacknowledged + near.randomElement(using: &random)!
        segment.window = chance(98) ? .random(in: 1...UInt16.max, using: &random) : 0
        segment.identification = .random(in: 0...100, using: &random)
        segment.timeToLive = chance(95) ? 64 : 63
        if timestamps == chance(97) {
            segment.options.present = .timestamps
            segment.options.timestampValue = 1000 + .random(in: 0...5, using: &random)
        }
        return segment
    }
}
