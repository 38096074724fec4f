import Coding
import TestKit
import Testing
import Wire

@testable import TCPState
@testable import Tracking

/// A tracker that reads what another one wrote has all that that one had, and ends as it would have.
struct CheckpointTests {
    /// Connections on two VLANs at once, some of which begin anew on the same ports, some refused by a router, and many
    /// that stay open and exchange data now and then.
    private static var oddFrames: [CapturedFrame] {
        var all: [(bytes: [UInt8], time: Timestamp)] = []
        for number in 0..<60 {
            let talk = Conversation(
                incident: (),
                client: (Address(ipv4: 0x0a01_0100 + UInt32(number % 40)), 30_000))
            talk.wait(.milliseconds(90 * number))
            talk.client.syn()
            if number % 5 != 0 {
                talk.server.synAck()
                talk.client.ack()
                for _ in 0..<4 {
                    talk.client.send(50)
                    talk.server.send(70)
                    talk.wait(.milliseconds(700))
                }
                switch number % 4 {
                case 0: talk.server.rst()
                case 1: talk.client.fin()
                default: talk.client.ack()
                }
            }
            for frame in talk.frames {
                all.append(frame)
                guard number % 3 == 0 else { continue }
                let tag: [UInt8] = [0x81, 0, 0, 9]
                all.append((frame.bytes[..<12] + tag + frame.bytes[12...], frame.time + 30_000))
            }
        }
        return all.sorted { $0.time < $1.time }.map {
            CapturedFrame(
                bytes: $0.bytes, linkType: .ethernet, wireLength: $0.bytes.count, time: $0.time,
                interface: 0)
        }
    }

    private static func tracker<Observer: TrackingObserver>(
        _ observer: Observer, _ limit: Int
    ) -> Tracker<Observer> {
        var tracker = Tracker(observer: observer, profile: .linux, maximumConnections: limit)
        // One secret for all, and few flows that are not compact.
        tracker.table = FlowTable(seed: 1, steadyCount: 8)
        return tracker
    }

    private static func feed<Observer: TrackingObserver>(
        _ frames: [CapturedFrame], _ range: Range<Int>, _ tracker: inout Tracker<Observer>
    ) {
        for index in range {
            let frame = frames[index]
            tracker.enqueue(
                frame.bytes.span, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.time, interface: frame.interface, frame: UInt64(index + 1))
        }
    }

    /// Writes down what a tracker knows, and lets another one read it.
    private static func handOver<Observer: TrackingObserver>(
        _ first: inout Tracker<Observer>, _ limit: Int
    ) -> Tracker<Observer> {
        var writer = BinaryCoder()
        first.code(&writer)
        var reader = BinaryCoder(reading: writer.bytes)
        var second = tracker(first.observer, limit)
        second.code(&reader)
        #expect(reader.isWhole)
        var again = BinaryCoder()
        second.code(&again)
        #expect(again.bytes == writer.bytes)
        return second
    }

    private func expectSame<Observer: TrackingObserver, Told: Equatable>(
        _ frames: [CapturedFrame], _ observer: Observer, limit: Int, _ told: (Observer) -> Told
    ) {
        var whole = Self.tracker(observer, limit)
        Self.feed(frames, 0..<frames.count, &whole)
        whole.finish()
        var random = SplitMix64(seed: 7)
        let cuts = (0..<10).map { _ in Int.random(in: 0...frames.count, using: &random) }.sorted()
        var tracker = Self.tracker(observer, limit)
        for (start, end) in zip([0] + cuts, cuts + [frames.count]) {
            Self.feed(frames, start..<end, &tracker)
            tracker = Self.handOver(&tracker, limit)
        }
        tracker.finish()
        #expect(told(tracker.observer) == told(whole.observer))
        #expect("\(tracker.counts)" == "\(whole.counts)")
        #expect(tracker.nextStream == whole.nextStream)
    }

    /// In a full table as well: the same connections leave it.
    @Test(arguments: KernelLog.captures, [1 << 20, 9])
    func `a capture that is cut ends as a whole one`(capture: String, limit: Int) throws {
        let frames = try CapturedFrame.all(of: capture)
        expectSame(frames, WholeRecords(), limit: limit, \.closed)
        expectSame(frames, TransitionHistory(), limit: limit) {
            $0.timeline().map { "\($0)" }
        }
    }

    @Test(arguments: [1 << 20, 30])
    func `so do siblings, new incarnations and compact flows`(limit: Int) {
        let frames = Self.oddFrames
        var tracker = Self.tracker(WholeRecords(), limit)
        Self.feed(frames, 0..<frames.count, &tracker)
        tracker.flush()
        #expect(limit < 40 || tracker.table.compactFlows.count > 0)
        #expect(!tracker.table.siblings.isEmpty)
        expectSame(frames, WholeRecords(), limit: limit, \.closed)
        expectSame(frames, TransitionHistory(), limit: limit) {
            $0.timeline().map { "\($0)" }
        }
    }

    /// Field by field: one that is added has to be written, too.
    @Test(arguments: KernelLog.captures)
    func `nothing is lost`(capture: String) throws {
        let frames = try CapturedFrame.all(of: capture)
        var first = Self.tracker(TransitionHistory(), 1 << 20)
        Self.feed(frames, 0..<frames.count * 2 / 3, &first)
        let second = Self.handOver(&first, 1 << 20)
        for slot in 0..<first.table.flows.used {
            let index = FlowIndex(rawValue: slot)
            #expect(Self.text(index, second) == Self.text(index, first))
        }
        let lists = { (tracker: borrowing Tracker<TransitionHistory>) in
            "\(tracker.table.wheel) \(tracker.table.steady) \(tracker.start as Any)"
                + " \(tracker.nextSerial) \(tracker.nextStream) \(tracker.table.flows.free)"
                + " \(tracker.closed[tracker.closedHead...])"
        }
        #expect(lists(second) == lists(first))
    }

    /// A flow with what is inferred and noted of it, but for where that is kept.
    private static func text(
        _ index: FlowIndex, _ tracker: borrowing Tracker<TransitionHistory>
    ) -> String {
        let flow = tracker.table.flows[index]
        guard flow.isLive else { return "\(flow.timerSlot) \(flow.timerPlace)" }
        var text = ""
        dump(flow, to: &text)
        for side in TCPState.Side.allCases {
            let end = flow.connection[side]
            dump(end, to: &text)
            text += " \(flow.isSteady[side.rawValue]) \(flow.scopes[side.rawValue] as Any)\n"
            for item in 0..<Int(flow.connection.pendingCount[side.rawValue]) {
                dump(tracker.context.pool[end.pendingFirst, item], to: &text)
            }
        }
        let facts = flow.connection.rareFacts(tracker.context)?.rareFacts
        dump(facts, to: &text)
        for side in 0...1 {
            text += "\(facts?.stalls[side] as Any) \(facts?.repeated[side] as Any)\n"
        }
        let listFields = ["rareFactsSlot", "pendingFirst", "- next:"]
        return text.split(separator: "\n").filter { line in
            !listFields.contains { line.contains($0) }
        }.joined(separator: "\n")
    }

    /// Every byte of a table is read with care: what makes no sense is refused, or is a table that can be gone on with.
    @Test func `damaged bytes break nothing`() throws {
        let frames = Self.oddFrames
        var first = Self.tracker(WholeRecords(), 1 << 20)
        Self.feed(frames, 0..<frames.count / 2, &first)
        var writer = BinaryCoder()
        first.code(&writer)
        var random = SplitMix64(seed: 3)
        for _ in 0..<300 {
            var bytes = writer.bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            var reader = BinaryCoder(reading: bytes)
            var second = Self.tracker(WholeRecords(), 1 << 20)
            second.code(&reader)
            guard reader.isWhole else { continue }
            Self.feed(frames, frames.count / 2..<frames.count, &second)
            second.finish()
        }
        #expect(writer.bytes.count > 1_000)
    }
}
