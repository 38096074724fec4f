import Coding
import Memory
import TCPState
import TestKit
import Testing
import Wire

@testable import Tracking

/// Connections that take compact form while an observer is told of their transitions, and its owner looks them up.
struct CompactLookupTests {
    /// Keeps all that it is told.
    private struct Told: TrackingObserver {
        static var looksUp: Bool { true }

        var lines: [String] = []
        /// The transitions by token: a connection, and which of its transitions it is.
        private var names: [String] = []
        private var counts: [UInt32: Int] = [:]

        mutating func observe(_ transition: Transition) -> UInt32 {
            let serial = transition.connection
            counts[serial, default: 0] += 1
            names.append("\(serial)/\(counts[serial] ?? 0)")
            lines.append("\(name(UInt32(names.count))) \(transition)")
            return UInt32(names.count)
        }
        private func name(_ token: UInt32) -> String { names[Int(token) - 1] }
        mutating func confirm(
            _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
        ) {
            lines.append("confirm \(name(token)) \(seen) \(notBefore) \(notAfter)")
        }
        mutating func withdraw(_ token: UInt32) { lines.append("withdraw \(name(token))") }
        mutating func amend(_ token: UInt32, to state: State) {
            lines.append("amend \(name(token)) \(state)")
        }
        mutating func connectionClosed(
            _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
        ) {
            lines.append("closed \(record.key) \(record.connection.serial) \(reason)")
        }
    }

    /// What is told of a capture, and what is seen of its connections half-way.
    private struct Account {
        var lines: [String] = []
        var shown: [UInt32: String] = [:]
        var compacted = 0
    }

    private static func compactAll(_ tracker: inout Tracker<Told>) {
        var steady: [FlowIndex] = []
        tracker.table.flows.forEachIndex { index in
            let isSteady = tracker.table.flows[index].isSteady
            if isSteady[0] || isSteady[1] { steady.append(index) }
        }
        for index in steady { tracker.compact(index) }
    }

    private static func account(_ frames: [CapturedFrame], isCompact: Bool) -> Account {
        var tracker = Tracker(observer: Told(), profile: .linux, maximumConnections: 1 << 20)
        var account = Account()
        for (number, frame) in frames.enumerated() {
            tracker.receive(
                frame.bytes.span, linkType: frame.linkType, wireLength: frame.wireLength,
                at: frame.time, interface: frame.interface, frame: UInt64(number + 1))
            if isCompact { compactAll(&tracker) }
            account.compacted = max(account.compacted, tracker.table.compactFlows.count)
            guard number == frames.count / 2 else { continue }
            tracker.look { account.shown[$0.connection.serial] = $0.words }
            for (serial, words) in account.shown {
                #expect(tracker.connection(numbered: serial)?.words == words)
            }
        }
        tracker.finish()
        account.lines = tracker.observer.lines
        return account
    }

    /// Every connection that is steady after a frame is made compact at once, or none is.
    @Test(arguments: ["", "cases/", "pairs/"])
    func `Compact form changes nothing that is told or looked up`(folder: String) throws {
        let captures = try CapturedFrame.captures(in: folder)
        var compacted = 0
        for name in captures {
            let frames = try CapturedFrame.all(of: name)
            let compact = Self.account(frames, isCompact: true)
            let plain = Self.account(frames, isCompact: false)
            // What timers do at one time comes in store order.
            for (one, other) in zip(compact.lines.sorted(), plain.lines.sorted()) {
                #expect(one == other, "\(name)")
            }
            #expect(compact.lines.count == plain.lines.count)
            #expect(compact.shown == plain.shown, "\(name)")
            compacted += compact.compacted
        }
        #expect(compacted > captures.count / 2)
    }

    /// Opens so many connections, each of which has exchanged data.
    private static func opened(_ count: Int) -> Tracker<Told> {
        let talks = (0..<count).map { number in
            Conversation(
                clientPort: UInt16(1_024 + number),
                start: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 1_000))
        }
        var tracker = Tracker(observer: Told(), profile: .linux, maximumConnections: 1 << 20)
        var frame: UInt64 = 0
        for talk in talks {
            talk.open()
            talk.client.send(100)
            talk.server.send(200)
            for (bytes, time) in talk.frames {
                frame += 1
                tracker.receive(
                    bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time,
                    interface: 0, frame: frame)
            }
        }
        return tracker
    }

    /// Between two slices of a round, connections change their form at random, some of them back and forth.
    @Test func `A round shows each connection once, whatever form it takes meanwhile`() {
        let count = 300
        var tracker = Self.opened(count)
        var random = SplitMix64(seed: 3)
        var forms: Set<Bool> = []
        for _ in 0..<20 {
            var shown: [UInt32] = []
            var isComplete = false
            while !isComplete {
                isComplete = tracker.sweep(count: 7, at: tracker.counts.latest) {
                    shown.append($0.connection.serial)
                }
                for _ in 0..<40 {
                    let serial = UInt32(random.next() % UInt64(count))
                    guard let index = tracker.indexBySerial[serial] else { continue }
                    forms.insert(index.isCompact)
                    if index.isCompact {
                        let key = tracker.table.key(of: index)
                        _ = tracker.expand(index, hash: tracker.table.hash(key))
                    } else {
                        tracker.compact(index)
                    }
                }
            }
            #expect(shown.sorted() == (0..<UInt32(count)).map { $0 })
        }
        #expect(forms.count == 2)
    }

    @Test func `A round leaves out what departs meanwhile`() {
        var tracker = Self.opened(50)
        Self.compactAll(&tracker)
        #expect(tracker.table.compactFlows.count == 50)
        var shown: Set<UInt32> = []
        #expect(!tracker.sweep(count: 10, at: tracker.counts.latest) { _ in })
        // Two that were seen go back to be flows, one of them departs, and one that was not is missed.
        for serial: UInt32 in [0, 1, 40] {
            guard let index = tracker.indexBySerial[serial] else { continue }
            let key = tracker.table.key(of: index)
            _ = tracker.expand(index, hash: tracker.table.hash(key))
        }
        if let index = tracker.indexBySerial[1] { tracker.remove(index, .evicted) }
        while !tracker.sweep(
            count: 10, at: tracker.counts.latest, { shown.insert($0.connection.serial) })
        {}
        #expect(!shown.contains(1))
        #expect(shown.contains(40))
        #expect(tracker.connection(numbered: 1) == nil)
    }

    @Test func `A tracker that reads what another one wrote finds compact connections`() {
        var first = Self.opened(50)
        Self.compactAll(&first)
        var writer = BinaryCoder()
        first.code(&writer)
        var reader = BinaryCoder(reading: writer.bytes)
        var second = Tracker(observer: Told(), profile: .linux, maximumConnections: 1 << 20)
        second.code(&reader)
        #expect(reader.isWhole)
        #expect(second.table.compactFlows.count == 50)
        for serial: UInt32 in 0..<50 {
            let words = first.connection(numbered: serial)?.words
            #expect(words != nil)
            #expect(second.connection(numbered: serial)?.words == words)
        }
    }
}
