import Testing
import Wire

@testable import Tracking

/// Sharing the connections among several trackers.
struct ShardTests {
    @Test(arguments: [1, 2, 3, 7])
    func `Both directions are in one shard, and the shards are even`(_ count: Int) {
        var owned = [Int](repeating: 0, count: count)
        for number in 0..<7000 {
            var segment = SegmentQueue.QueuedSegment()
            segment.segment.source = Address(ipv4: 0x0a00_0001 + UInt32(number / 10))
            segment.segment.destination = Address(ipv4: 0xc612_0001)
            segment.segment.sourcePort = 40_000 + UInt16(number % 10)
            segment.segment.destinationPort = 443
            var answer = segment
            swap(&answer.segment.source, &answer.segment.destination)
            swap(&answer.segment.sourcePort, &answer.segment.destinationPort)
            let hashing = FlowHash(seed: 1)
            let now = Timestamp(nanoseconds: 0)
            segment.complete(hashing, at: now, interface: 0, frame: 1)
            answer.complete(hashing, at: now, interface: 0, frame: 2)
            let shardIndex = SegmentSteering.shardIndex(segment.hash, among: count)
            #expect(shardIndex == SegmentSteering.shardIndex(answer.hash, among: count))
            owned[shardIndex] += 1
        }
        let fair = 7000 / count
        #expect(owned.allSatisfy { abs($0 - fair) < fair / 5 })
    }

    @Test
    func `Numbers are ranks by first frame, twins without a stream of their own`() {
        var first = RunNumbering.ConnectionStarts()
        var second = RunNumbering.ConnectionStarts()
        first.append(frame: 1, beginsStream: true)
        second.append(frame: 3, beginsStream: true)
        first.append(frame: 5, beginsStream: false)
        second.append(frame: 6, beginsStream: true)
        first.append(frame: 9, beginsStream: true)
        var stretches = RunNumbering(shards: 2)
        // The same, told in stretches of the run.
        for frames in [[1, 3], [], [5, 6, 9]] as [[UInt64]] {
            var starts = [RunNumbering.ConnectionStarts(), RunNumbering.ConnectionStarts()]
            for frame in frames {
                starts[[3, 6].contains(frame) ? 1 : 0].append(
                    frame: frame, beginsStream: frame != 5)
            }
            stretches.append(starts)
        }
        for parts in [RunNumbering([first, second]).byShard, stretches.byShard] {
            #expect((0..<3).map { parts[0].serial($0) } == [0, 2, 4])
            #expect((0..<2).map { parts[1].serial($0) } == [1, 3])
            #expect((0..<2).map { parts[0].stream($0) } == [0, 3])
            #expect((0..<2).map { parts[1].stream($0) } == [1, 2])
        }
    }
}
