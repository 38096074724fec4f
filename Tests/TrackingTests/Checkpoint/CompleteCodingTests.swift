import Coding
import Testing
import Wire

@testable import TCPState
@testable import Tracking

/// What is written down of a run is all of it. A stored property that is added somewhere has to be written as well, or
/// is named here with the reason why it is not.
struct CompleteCodingTests {
    private func back<Value: BinaryCodable>(
        _ value: Value, _ read: (inout BinaryCoder) -> Value
    ) -> Value? {
        var writer = BinaryCoder()
        value.encode(to: &writer)
        var reader = BinaryCoder(reading: writer.bytes)
        let read = read(&reader)
        return reader.isWhole ? read : nil
    }

    private static var connection: Connection {
        var segment = Segment()
        segment.flags = .syn
        return filled(
            Connection(
                serial: 4, stream: 4, first: segment, from: .low,
                at: Timestamp(nanoseconds: 1_000), frame: 4))
    }

    @Test func `of a connection and its ends`() {
        let lost = fieldsLost(by: Self.connection) { back($0) { Connection(from: &$0) } }
        // Where something is kept, not what.
        #expect(lost == ["rareFactsSlot", "ends.pendingFirst"])
    }

    @Test func `of what is noted of few connections`() {
        var facts = filled(RareFacts())
        // Of those that were not there is nothing to write.
        facts.ignored.count = 4
        let lost = fieldsLost(by: facts) { value in
            var (value, writer) = (value, BinaryCoder())
            value.code(&writer)
            var (read, reader) = (RareFacts(), BinaryCoder(reading: writer.bytes))
            read.code(&reader)
            return reader.isWhole ? read : nil
        }
        #expect(lost == [])
    }

    @Test func `of what is inferred`() {
        let lost = fieldsLost(by: filled(Pending.blank)) { value in
            var (value, writer) = (value, BinaryCoder())
            value.code(&writer)
            var (read, reader) = (Pending.blank, BinaryCoder(reading: writer.bytes))
            read.code(&reader)
            return reader.isWhole ? read : nil
        }
        #expect(lost == ["next"])
    }

    @Test func `of a flow`() {
        var flow = Flow.blank
        flow = Flow(key: flow.key, connection: Self.connection, sender: .low, scope: 0)
        flow.connection.pendingCount = [0, 0]
        let lost = fieldsLost(by: filled(flow), skipping: ["connection", "key"]) { value in
            var context = MachineContext(observer: NoTransitions(), profile: .linux)
            var (value, writer) = (value, BinaryCoder())
            value.code(&writer, &context)
            var (read, reader) = (Flow.blank, BinaryCoder(reading: writer.bytes))
            read.code(&reader, &context)
            return reader.isWhole ? read : nil
        }
        // The table writes whether it is in use and where it is filed, and computes the hash of its key.
        #expect(lost == ["hash", "isLive", "timerSlot", "timerPlace"])
    }

    @Test func `of a cached SYN`() throws {
        var segment = Segment()
        (segment.source, segment.destination) = (Address(ipv4: 1), Address(ipv4: 2))
        segment.flags = .syn
        let entry = SYNCacheEntry(
            segment, key: FlowKey(segment), sender: .low, scope: 4, serial: 4, stream: 4,
            at: Timestamp(nanoseconds: 1_000), frame: 4)
        let lost = try fieldsLost(by: #require(entry), skipping: ["key"]) { value in
            var writer = BinaryCoder()
            _ = SYNCacheEntry.coded(value, &writer)
            var reader = BinaryCoder(reading: writer.bytes)
            let read = SYNCacheEntry.coded(nil, &reader)
            return reader.isWhole ? read : nil
        }
        #expect(lost == [])
    }

    @Test func `of a transition and of what was counted`() {
        let transition = Transition(
            connection: 0, side: .low, from: .unknown, to: .unknown, event: .presumed,
            grade: .assumed, timer: .none, moment: .atTap, seen: Timestamp(nanoseconds: 0),
            notBefore: nil, notAfter: nil, frame: 0)
        #expect(fieldsLost(by: filled(transition)) { back($0) { Transition(from: &$0) } } == [])
        var counts = FrameCounts()
        let lost = fieldsLost(by: counts, skipping: ["setAside"]) {
            back($0) { FrameCounts(from: &$0) }
        }
        #expect(lost == [])
        for reason in SetAside.allCases { counts.count(reason) }
        #expect(back(counts) { FrameCounts(from: &$0) }.map { "\($0)" } == "\(counts)")
    }

    /// Whoever adds a property here writes it down in the type's `code`, or knows why not.
    @Test func `of tables`() {
        #expect(StoredField.names(of: TimerWheel.self) == ["slots", "now", "nextTick"])
        #expect(
            StoredField.names(of: TransitionHistory.self)
                == ["entries", "owners", "amended", "records", "evicted", "shards"])
        // Types that cannot be copied cannot be reflected: their sizes stand for their properties.
        #expect(MemoryLayout<FlowTable>.size == 576)
        #expect(MemoryLayout<Tracker<WholeRecords>>.size == 1016)
        #expect(MemoryLayout<MachineContext<NoTransitions>>.size == 160)
    }
}
