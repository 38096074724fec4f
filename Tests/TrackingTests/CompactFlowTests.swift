import TCPState
import TestKit
import Testing
import Wire

@testable import Tracking

/// Connections in compact form.
struct CompactFlowTests {
    /// Keeps the final records, and looks at nothing else.
    private struct Records: TrackingObserver {
        static var seesClosedConnectionsOnly: Bool { true }

        var closed: [String] = []

        mutating func observe(_ transition: Transition) -> UInt32 { 0 }
        mutating func confirm(
            _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
        ) {}
        mutating func withdraw(_ token: UInt32) {}
        mutating func amend(_ token: UInt32, to state: State) {}
        mutating func connectionClosed(
            _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
        ) {
            let grades = Side.allCases.map { record.connection[$0].grade.name }
            closed.append("\(record.words) \(grades) \(reason)")
        }
    }

    /// Opens so many connections, then lets each exchange data, and closes every tenth. When they are open, nothing yet
    /// proves that the servers are established.
    private static func frames(
        _ count: Int, isIPv6: Bool = false
    ) -> [[(bytes: [UInt8], time: Timestamp)]] {
        let talks = (0..<count).map { number in
            Conversation(
                clientAddress: isIPv6
                    ? Address(high: 0x2001_0db8_0000_0000, low: UInt64(number))
                    : Address(ipv4: 0x0a00_0001),
                clientPort: UInt16(1_024 + number % 60_000),
                serverAddress: isIPv6
                    ? Address(high: 0x2001_0db8_0000_0001, low: 2) : Address(ipv4: 0x0a00_0002),
                start: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 1_000))
        }
        for talk in talks { talk.open() }
        let opened = talks.map { $0.frames.count }
        for (number, talk) in talks.enumerated() {
            talk.wait(.seconds(number % 3))
            talk.client.send(100)
            talk.server.send(200)
            if number % 10 == 0 {
                talk.client.fin()
                talk.server.ack()
            }
        }
        return [
            zip(talks, opened).flatMap { $0.frames.prefix($1) },
            zip(talks, opened).flatMap { $0.frames.dropFirst($1) },
        ]
    }

    private static func run(
        _ frames: [[(bytes: [UInt8], time: Timestamp)]], isCompact: Bool
    ) -> (closed: [String], compact: Int) {
        var tracker = Tracker(observer: Records(), profile: .linux, maximumConnections: 1 << 20)
        var number: UInt64 = 0
        var most = 0
        for part in frames {
            for (bytes, time) in part {
                number += 1
                tracker.receive(
                    bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time,
                    interface: 0, frame: number)
            }
            guard isCompact else { continue }
            // Long before there are too many.
            for index in tracker.table.inOrder() where !index.isCachedSYN && !index.isCompact {
                if tracker.table.flows[index].isSteady[0] { tracker.compact(index) }
            }
            most = max(most, tracker.table.compactFlows.count)
        }
        tracker.finish()
        return (tracker.observer.closed, most)
    }

    @Test(arguments: [false, true])
    func `A connection ends as it would have without compact form`(isIPv6: Bool) {
        let frames = Self.frames(200, isIPv6: isIPv6)
        let plain = Self.run(frames, isCompact: false)
        let compact = Self.run(frames, isCompact: true)
        #expect(plain.closed.count == 200)
        #expect(compact.compact == 200)
        #expect(compact.closed == plain.closed)
    }

    /// An inference is dropped after two minutes: a segment that comes later does not prove it.
    @Test(arguments: [119, 121, 300]) func `What is inferred ends as it would have`(seconds: Int) {
        let talks = (0..<4).map { number in
            Conversation(
                clientPort: UInt16(2_000 + number),
                start: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(number)))
        }
        for talk in talks { talk.open() }
        let opened = talks.map { $0.frames.count }
        for (number, talk) in talks.enumerated() {
            if number % 2 == 1 {
                talk.wait(.seconds(seconds / 2))
                talk.client.send(10)
            }
            talk.wait(.seconds(seconds))
            talk.server.send(200)
            talk.client.ack()
        }
        let frames = [
            zip(talks, opened).flatMap { $0.frames.prefix($1) },
            zip(talks, opened).flatMap { $0.frames.dropFirst($1) }.sorted { $0.time < $1.time },
        ]
        let plain = Self.run(frames, isCompact: false)
        let compact = Self.run(frames, isCompact: true)
        #expect(compact.compact == 4)
        #expect(compact.closed == plain.closed)
        // Two of them have to wait for half as long again.
        let late = plain.closed.count { $0.contains("inferred") }
        #expect(late == (seconds > 120 ? 4 : 2))
    }

    /// Every connection that is steady after a frame is made compact at once, or none is.
    @Test(arguments: ["", "cases/", "pairs/"])
    func `A captured connection ends as it would have without compact form`(folder: String) throws {
        let captures = try CapturedFrame.captures(in: folder)
        var compacted = 0
        for name in captures {
            let frames = try CapturedFrame.all(of: name)
            let plain = Self.run(frames, isCompact: false)
            let compact = Self.run(frames, isCompact: true)
            for (one, other) in zip(compact.closed, plain.closed) {
                #expect(one == other, "\(name)")
            }
            #expect(compact.closed.count == plain.closed.count)
            compacted += compact.compacted
        }
        #expect(compacted > captures.count)
    }

    private static func run(
        _ frames: [CapturedFrame], isCompact: Bool
    ) -> (closed: [String], compacted: Int) {
        var tracker = Tracker(observer: Records(), profile: .linux, maximumConnections: 1 << 20)
        var compacted = 0
        for (number, frame) in frames.enumerated() {
            tracker.receive(
                frame.bytes.span, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.time, interface: frame.interface, frame: UInt64(number + 1))
            guard isCompact else { continue }
            var steady: [FlowIndex] = []
            tracker.table.flows.forEachIndex { index in
                let isSteady = tracker.table.flows[index].isSteady
                if isSteady[0] || isSteady[1] { steady.append(index) }
            }
            let before = tracker.table.compactFlows.count
            for index in steady { tracker.compact(index) }
            compacted += tracker.table.compactFlows.count - before
        }
        tracker.finish()
        return (tracker.observer.closed, compacted)
    }

    @Test func `The oldest steady connections become compact`() {
        let steadyCount = 256
        let count = steadyCount + 100
        var frames = Self.frames(count)
        frames.removeLast()
        var tracker = Tracker(observer: Records(), profile: .linux, maximumConnections: 1 << 20)
        tracker.table = FlowTable(seed: 1, steadyCount: steadyCount)
        for (index, (bytes, time)) in frames[0].enumerated() {
            tracker.receive(
                bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time, interface: 0,
                frame: UInt64(index + 1))
        }
        #expect(tracker.table.compactFlows.count == 100)
        #expect(tracker.table.count == count)
        let order = tracker.table.inOrder()
        #expect(order.map { tracker.table.serial(of: $0) } == (0..<UInt32(count)).map { $0 })
        #expect(order.prefix(100).filter(\.isCompact).count == 100)
        // That their servers are established is inferred as usual.
        #expect(tracker.table.compactDetails.count == 0)
    }

    @Test func `A compact flow takes four cache lines`() {
        #expect(MemoryLayout<CompactFlow>.size == 256)
    }
}
