import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// A connection of an earlier run is read from a file, which may say anything.
@Suite struct AbsurdArchiveTests {
    /// Each number in turn is what no run has written; the connection goes on, and its timers run.
    @Test(arguments: [.min, .min + 1, -1, 1 << 62, .max - 1, .max] as [Int64])
    func `No number of a damaged state file stops a run`(edge: Int64) throws {
        let talk = Conversation()
        talk.open()
        talk.client.send(10)
        talk.server.ack()
        talk.client.fin()
        var first = Tracker(observer: RecordingObserver(), profile: .linux, maximumConnections: 10)
        Self.play(talk, 0..<4, to: &first)
        var taken: (key: FlowKey, numbers: [Int64])?
        first.look { taken = ($0.key, ConnectionArchive($0.connection).numbers) }
        let (key, numbers) = try #require(taken)
        for index in numbers.indices {
            var damaged = numbers
            damaged[index] = edge
            var second = Tracker(
                observer: RecordingObserver(), profile: .linux, maximumConnections: 10)
            _ = second.adopt(
                ConnectionArchive(numbers: damaged), on: key, at: talk.frames[3].time)
            Self.play(talk, 4..<talk.frames.count, to: &second)
            for seconds in [1, 61, 200, 100_000] as [Int64] {
                second.tick(to: talk.now + .seconds(seconds))
            }
            second.finish()
            #expect(second.counts.connections == 1)
        }
    }

    private static func play(
        _ talk: Conversation, _ range: Range<Int>, to tracker: inout Tracker<RecordingObserver>
    ) {
        for index in range {
            let (bytes, time) = talk.frames[index]
            tracker.receive(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time, interface: 0,
                frame: UInt64(index + 1))
        }
    }
}
