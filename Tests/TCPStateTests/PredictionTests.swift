import TCPState
import TestKit
import Testing
import Wire

/// The short way of a segment does what the whole way does.
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
        for _ in 0..<300 {
            let watch = Self.opened(timestamps: timestamps, iss: iss)
            var now = watch.talk.now
            for frame in 10..<50 as Range<UInt64> {
                let sender: TCPState.Side = Bool.random(using: &random) ? .low : .high
                now = now + TimeSpan(nanoseconds: .random(in: 0...300_000_000, using: &random))
                let segment = Self.next(watch.connection, sender, timestamps, &random)
                var short = watch.connection
                let isTaken =
                    watch.connection.isSteady[sender.rawValue]
                    && short.takeFastPath(segment, from: sender, at: now, frame: frame)
                watch.connection.take(
                    segment, from: sender, at: now, frame: frame, context: &watch.context)
                guard isTaken else {
                    unpredicted += 1
                    continue
                }
                predicted += 1
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
