import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// The wheel turns by quarters of a second: a deadline fires with the first turn to a later one.
@Suite struct TimerWheelTests {
    static let second: TimeSpan = .seconds(1)
    static let start = Timestamp(nanoseconds: 0) + 1_700_000_000 * second

    /// A table whose clock stands at `start`, with one connection for each deadline after it.
    static func table(_ deadlines: [TimeSpan], into table: inout FlowTable) -> [FlowIndex] {
        table.advanceTimers(to: start) { _, _ in }
        return zip(startingSegments(deadlines.count, seed: 31), deadlines).enumerated().map {
            serial, pair in
            let index = table.add(pair.0, serial: serial)
            table.flows[index].deadline = start + pair.1
            table.schedule(index)
            return index
        }
    }

    static func random(upTo limit: TimeSpan, _ random: inout SplitMix64) -> TimeSpan {
        TimeSpan(nanoseconds: .random(in: 0...limit.nanoseconds, using: &random))
    }

    /// Turns the wheel and returns the serial numbers of those that fire and then have no deadline.
    static func advanceTimers(_ table: inout FlowTable, to time: Timestamp) -> [UInt32] {
        var fired: [UInt32] = []
        table.advanceTimers(to: time) { _, flow in
            #expect(flow.deadline <= time, "fired before its time")
            fired.append(flow.connection.serial)
            flow.deadline = Timestamp(nanoseconds: .max)
        }
        return fired
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `each deadline fires once, not before it and not a second late`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        // The wheel has 1024 slots; some deadlines lie far beyond one turn.
        let deadlines = (0..<3000).map { _ in
            Self.random(upTo: 4000 * Self.second, &random)
        }
        var table = FlowTable(seed: seed)
        _ = Self.table(deadlines, into: &table)
        var fired: Set<UInt32> = []
        var elapsed: TimeSpan = 0
        while elapsed < 4002 * Self.second {
            elapsed += Self.random(upTo: 20 * Self.second, &random)
            for serial in Self.advanceTimers(&table, to: Self.start + elapsed) {
                #expect(fired.insert(serial).inserted)
            }
            let late = deadlines.indices.count {
                !fired.contains(UInt32($0)) && deadlines[$0].seconds < elapsed.seconds
            }
            #expect(late == 0, "after \(elapsed) ns")
        }
        #expect(fired.count == deadlines.count)
    }

    @Test(arguments: [1023, 1024, 1025, 2048, 100_000] as [Int64])
    func `a deadline beyond the wheel waits for its turn`(seconds: Int64) {
        var table = FlowTable(seed: 1)
        _ = Self.table([seconds * Self.second], into: &table)
        var elapsed: Int64 = 0
        while elapsed + 97 <= seconds {
            elapsed += 97
            #expect(Self.advanceTimers(&table, to: Self.start + elapsed * Self.second).isEmpty)
        }
        #expect(Self.advanceTimers(&table, to: Self.start + (seconds + 1) * Self.second) == [0])
    }

    @Test func `time that jumps by years fires everything at once`() {
        var table = FlowTable(seed: 1)
        let deadlines = (0..<2000).map { Int64($0) * Self.second }
        _ = Self.table(deadlines, into: &table)
        let years = 30 * 365 * 86_400 * Self.second
        #expect(Self.advanceTimers(&table, to: Self.start + years).sorted() == Array(0..<2000))
        #expect(Self.advanceTimers(&table, to: Self.start + 2 * years).isEmpty)
    }

    @Test func `time that runs backwards fires nothing, and nothing twice`() {
        var table = FlowTable(seed: 1)
        _ = Self.table([10 * Self.second, 100 * Self.second], into: &table)
        #expect(Self.advanceTimers(&table, to: Self.start + 50 * Self.second) == [0])
        #expect(Self.advanceTimers(&table, to: Self.start - 1_000_000 * Self.second).isEmpty)
        #expect(Self.advanceTimers(&table, to: Self.start + 20 * Self.second).isEmpty)
        #expect(Self.advanceTimers(&table, to: Self.start + 101 * Self.second) == [1])
    }

    @Test func `times before 1970 are times`() {
        var table = FlowTable(seed: 1)
        let past = Timestamp(nanoseconds: -5_000_000_000_001)
        table.advanceTimers(to: past) { _, _ in }
        let index = table.add(startingSegments(1, seed: 1)[0])
        table.flows[index].deadline = past + 30 * Self.second
        table.schedule(index)
        #expect(Self.advanceTimers(&table, to: past + 29 * Self.second).isEmpty)
        #expect(Self.advanceTimers(&table, to: past + 31 * Self.second) == [0])
    }

    @Test func `a deadline that moved away does not fire at its old time`() {
        var table = FlowTable(seed: 1)
        let index = Self.table([10 * Self.second], into: &table)[0]
        table.flows[index].deadline = Self.start + 500 * Self.second
        table.schedule(index)
        #expect(Self.advanceTimers(&table, to: Self.start + 100 * Self.second).isEmpty)
        #expect(Self.advanceTimers(&table, to: Self.start + 501 * Self.second) == [0])
    }

    @Test func `a connection that sets a new deadline fires again`() {
        var table = FlowTable(seed: 1)
        _ = Self.table([10 * Self.second], into: &table)
        var times = 0
        for elapsed in 1...1000 as ClosedRange<Int64> {
            table.advanceTimers(to: Self.start + elapsed * Self.second) { _, flow in
                times += 1
                flow.deadline = flow.deadline + 10 * Self.second
            }
        }
        // At 11, 21, …, 991: a deadline fires in the second after its own.
        #expect(times == 99)
    }

    @Test func `a removed connection does not fire, and its entry is used again at once`() {
        var table = FlowTable(seed: 1)
        let indices = Self.table([10 * Self.second, 20 * Self.second], into: &table)
        table.remove(indices[0])
        let other = table.add(startingSegments(3, seed: 99)[2], serial: 7)
        #expect(other == indices[0])
        #expect(Self.advanceTimers(&table, to: Self.start + 30 * Self.second) == [1])
        #expect(Self.advanceTimers(&table, to: Self.start + 3000 * Self.second).isEmpty)
    }

    @Test func `a deadline that has passed fires with the next second`() {
        var table = FlowTable(seed: 1)
        _ = Self.table([-100 * Self.second], into: &table)
        #expect(Self.advanceTimers(&table, to: Self.start + Self.second) == [0])
    }

    @Test func `a deadline that comes nearer fires at its new time`() {
        var table = FlowTable(seed: 1)
        let indices = Self.table([131, 131, 131].map { $0 * Self.second }, into: &table)
        _ = Self.advanceTimers(&table, to: Self.start + 2 * Self.second)
        table.flows[indices[1]].deadline = Self.start + 60 * Self.second
        table.schedule(indices[1])
        #expect(Self.advanceTimers(&table, to: Self.start + 60 * Self.second).isEmpty)
        #expect(Self.advanceTimers(&table, to: Self.start + 61 * Self.second) == [1])
        #expect(Self.advanceTimers(&table, to: Self.start + 132 * Self.second).sorted() == [0, 2])
    }

    /// Deadlines are set, moved both ways, dropped and fired, connections removed and added, the clock
    /// goes on by anything from nothing to hours: at any turn no connection is left whose deadline lies in an
    /// earlier tick.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `no timer fires later than one tick after it is due`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = FlowTable(seed: seed)
        var now = Self.start
        table.advanceTimers(to: now) { _, _ in }
        let segments = startingSegments(100, seed: seed)
        var indices: [FlowIndex?] = Array(repeating: nil, count: segments.count)
        func deadline() -> Timestamp {
            let lengths: [Int64] = [0, 1, 2, 61, 131, 255, 256, 257, 1024, 5000]
            let length = lengths.randomElement(using: &random) ?? 0
            if length == 5000, Bool.random(using: &random) { return Timestamp(nanoseconds: .max) }
            return now + Self.random(upTo: length * Self.second, &random)
        }
        for _ in 0..<800 {
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                let number = Int.random(in: 0..<segments.count, using: &random)
                guard let index = indices[number] else {
                    let index = table.add(segments[number], serial: number)
                    table.flows[index].deadline = deadline()
                    table.schedule(index)
                    indices[number] = index
                    continue
                }
                if Int.random(in: 0..<8, using: &random) == 0 {
                    table.remove(index)
                    indices[number] = nil
                } else {
                    table.flows[index].deadline = deadline()
                    table.schedule(index)
                }
            }
            let steps: [Int64] = [0, 1, 1, 1, 2, 30, 1024, 9999]
            let step = (steps.randomElement(using: &random) ?? 0) * Self.second
            now = now + Self.random(upTo: step, &random)
            table.advanceTimers(to: now) { _, flow in
                #expect(flow.isLive && flow.deadline <= now)
                flow.deadline = deadline()
            }
            let tick: Int64 = 250_000_000
            let isLate = indices.contains { index in
                index.map { table.flows[$0].deadline.nanoseconds / tick < now.nanoseconds / tick }
                    ?? false
            }
            #expect(!isLate)
        }
    }
}
