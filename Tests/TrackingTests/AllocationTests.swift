import CAllocations
import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// Whether this was built for release: then assertions are not looked at.
private let isOptimized: Bool = {
    var isOptimized = true
    assert(
        {
            isOptimized = false
            return true
        }())
    return isOptimized
}()

/// Contract 9: the hot path allocates nothing per packet. Every allocation of the thread is counted, also
/// those that are freed at once. What is not optimised allocates for its own ends: see `Scripts/test`.
@Suite(.enabled(if: allocations_are_counted() && isOptimized))
struct AllocationTests {
    /// Something that two hosts do again and again.
    struct TrafficPattern: CustomTestStringConvertible, Sendable {
        let name: String
        var testDescription: String { name }
        /// How many connections there may be.
        var maximumConnections = 1000
        /// Makes ready, once.
        var before: @Sendable (Conversation) -> Void = { $0.open() }
        let round: @Sendable (Conversation, Int) -> Void
    }

    static let habits = [
        TrafficPattern(name: "data in both directions") { talk, _ in
            talk.client.send(100)
            talk.server.send(200)
        },
        TrafficPattern(name: "data, acknowledged alone") { talk, _ in
            talk.client.send(1000)
            talk.client.send(1000)
            talk.server.ack()
        },
        TrafficPattern(name: "data sent twice") { talk, _ in
            talk.server.send(500)
            talk.server.retransmit(after: .milliseconds(300))
            talk.client.ack()
        },
        TrafficPattern(name: "a segment that is late") { talk, _ in
            talk.client.send(100, .unseen)
            let missing = talk.client.send(100)
            talk.server.ack()
            talk.client.segment([.ack], 100) {
                $0.sequenceNumber = missing.segment.sequenceNumber - 100
            }
            talk.server.ack()
        },
        TrafficPattern(name: "keepalives") { talk, _ in
            talk.client.keepAlive(after: .seconds(75))
            talk.server.ack()
        },
        TrafficPattern(name: "a window that closes and opens") { talk, _ in
            talk.client.send(100)
            talk.server.ack { $0.window = 0 }
            talk.client.keepAlive(after: .milliseconds(200))
            talk.server.ack { $0.window = 0 }
            talk.server.ack()
        },
        TrafficPattern(
            name: "data after the other's FIN",
            before: { talk in
                talk.open()
                talk.client.fin()
                talk.server.ack()
            },
            round: { talk, _ in
                talk.server.send(300)
                talk.client.ack()
            }),
        TrafficPattern(
            name: "connections that open and close", maximumConnections: 50, before: { _ in },
            round: { talk, number in
                talk.restart(
                    clientISS: UInt32(number) &* 100_000, serverISS: UInt32(number) &* 70_000)
                talk.open()
                talk.client.send(100)
                talk.client.fin()
                talk.server.ack()
                talk.server.fin()
                talk.client.ack()
                talk.wait(.seconds(61))
            }),
        TrafficPattern(
            name: "connections that are reset", maximumConnections: 50, before: { _ in },
            round: { talk, number in
                talk.restart(
                    clientISS: UInt32(number) &* 100_000, serverISS: UInt32(number) &* 70_000)
                talk.open()
                talk.client.send(100)
                talk.server.rst()
                talk.wait(.seconds(1))
            }),
        TrafficPattern(
            name: "SYNs of a flood", maximumConnections: 50, before: { _ in },
            round: { talk, number in
                talk.client.syn {
                    $0.sourcePort = UInt16(truncatingIfNeeded: number)
                    $0.source = Address(ipv4: UInt32(number) &* 0x9e37_79b1)
                }
            }),
    ]

    @Test(arguments: habits)
    func `no packet makes the tracker allocate`(_ habit: TrafficPattern) {
        let talk = Conversation()
        habit.before(talk)
        // Until the tracker's own lists are as long as they get.
        for number in 0..<10_000 { habit.round(talk, number) }
        let warmUp = talk.segments.count
        for number in 10_000..<15_000 { habit.round(talk, number) }
        let frames = talk.frames
        var tracker = Tracker(
            observer: NullObserver(), profile: .linux, maximumConnections: habit.maximumConnections)
        func allocations(of range: Range<Int>) -> UInt64 {
            let before = allocations_of_this_thread()
            for index in range {
                let (bytes, time) = frames[index]
                tracker.receive(
                    bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time,
                    interface: 0, frame: UInt64(index))
            }
            return allocations_of_this_thread() - before
        }
        _ = allocations(of: 0..<warmUp)
        #expect(allocations(of: warmUp..<frames.count) == 0)
        #expect(tracker.counts.segments == UInt64(frames.count))
    }

    @Test(arguments: habits)
    func `no packet makes sorting allocate, nor the trackers that share them`(
        _ habit: TrafficPattern
    ) {
        let talk = Conversation()
        habit.before(talk)
        for number in 0..<15_000 { habit.round(talk, number) }
        let frames = talk.frames
        let warmUp = frames.count * 2 / 3
        var clock = FrameClock()
        var steering = SegmentSteering(seed: 1)
        var byShard = ShardedSegments(count: 2, capacity: 100)
        func tracker() -> Tracker<NullObserver> {
            Tracker(
                observer: NullObserver(), profile: .linux,
                maximumConnections: habit.maximumConnections,
                sortedBy: 1)
        }
        var one = tracker()
        var other = tracker()
        func allocations(of range: Range<Int>) -> UInt64 {
            let before = allocations_of_this_thread()
            for start in stride(from: range.lowerBound, to: range.upperBound, by: 100) {
                let framesBefore = clock.counts.frames
                byShard.removeAll()
                for index in start..<min(start + 100, range.upperBound) {
                    let (bytes, time) = frames[index]
                    if let tick = clock.pass(wireLength: bytes.count, at: time) {
                        byShard.tick(to: tick)
                    }
                    steering.steer(
                        bytes.span, linkType: .ethernet, wireLength: bytes.count, at: time,
                        interface: 0, frame: UInt64(index), indexInBatch: UInt32(index - start),
                        to: &byShard
                    )
                }
                one.receive(byShard, of: 0, framesBefore: framesBefore)
                other.receive(byShard, of: 1, framesBefore: framesBefore)
            }
            return allocations_of_this_thread() - before
        }
        _ = allocations(of: 0..<warmUp)
        // Its connections' beginnings are noted in lists that grow: rarely, and by doubling.
        #expect(allocations(of: warmUp..<frames.count) <= 2)
        #expect(steering.counts.segments == UInt64(frames.count))
    }

    @Test func `an allocation is counted`() {
        let before = allocations_of_this_thread()
        let bytes = [UInt8](repeating: 1, count: Int.random(in: 1000...2000))
        #expect(bytes.count >= 1000)
        #expect(allocations_of_this_thread() > before)
    }

    /// Keeps nothing.
    struct NullObserver: TrackingObserver {
        mutating func observe(_ transition: Transition) -> UInt32 { 0 }
        mutating func confirm(
            _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
        ) {}
        mutating func withdraw(_ token: UInt32) {}
        mutating func amend(_ token: UInt32, to state: State) {}
        mutating func connectionClosed(
            _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
        ) {}
    }
}
