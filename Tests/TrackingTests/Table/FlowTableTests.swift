import TCPState
import TestKit
import Testing
import Tracking
import Wire

@Suite struct FlowTableTests {
    @Test func `a hundred thousand connections are all found, both ways`() {
        let segments = startingSegments(100_000, seed: 11)
        var table = FlowTable(seed: 1)
        var indices: [FlowIndex] = []
        for (serial, segment) in segments.enumerated() {
            indices.append(table.add(segment, serial: serial))
        }
        #expect(table.count == segments.count)
        #expect(Set(indices).count == segments.count)
        var wrong = 0
        for (segment, index) in zip(segments, indices) {
            if table.find(segment) != index || table.find(segment.answer) != index { wrong += 1 }
        }
        #expect(wrong == 0)
        var order: [UInt32] = []
        table.forEach { _, flow in order.append(flow.connection.serial) }
        #expect(order == Array(0..<UInt32(segments.count)))
    }

    @Test func `what was not added is not found`() {
        let segments = startingSegments(20_000, seed: 12)
        var table = FlowTable(seed: 1)
        for segment in segments.prefix(10_000) { _ = table.add(segment) }
        let found = segments.dropFirst(10_000).count { table.find($0) != nil }
        #expect(found == 0)
    }

    /// Against a dictionary, with runs of neighbours that holes would break.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `additions and removals in any order leave all others reachable`(seed: UInt64) {
        let segments = startingSegments(6000, seed: seed)
        var random = SplitMix64(seed: seed)
        var table = FlowTable(seed: seed)
        var model: [Int: FlowIndex] = [:]
        for round in 0..<30_000 {
            let choice = Int.random(in: 0..<segments.count, using: &random)
            if let index = model[choice] {
                table.remove(index)
                model[choice] = nil
            } else {
                model[choice] = table.add(segments[choice], serial: round)
            }
            if round % 5000 == 4999 {
                let wrong = segments.indices.count { table.find(segments[$0]) != model[$0] }
                #expect(wrong == 0, "after \(round + 1) rounds")
                #expect(table.count == model.count)
            }
        }
    }

    @Test func `a removed entry is used again`() {
        let segments = startingSegments(2000, seed: 13)
        var table = FlowTable(seed: 1)
        var used: Set<FlowIndex> = []
        for segment in segments.prefix(1000) { used.insert(table.add(segment)) }
        for index in used { table.remove(index) }
        #expect(table.count == 0)
        for segment in segments.dropFirst(1000) {
            let index = table.add(segment)
            #expect(used.contains(index))
        }
    }

    @Test func `the seed changes the hashes and nothing else`() {
        let segments = startingSegments(5000, seed: 14)
        var results: [[UInt32]] = []
        for seed in [1, 0xdead_beef_0bad_cafe] as [UInt64] {
            var random = SplitMix64(seed: 5)
            var table = FlowTable(seed: seed)
            var kept: [FlowIndex] = []
            for (serial, segment) in segments.enumerated() {
                kept.append(table.add(segment, serial: serial))
                if serial % 3 == 2 {
                    let victim = Int.random(in: kept.indices, using: &random)
                    table.remove(kept.remove(at: victim))
                }
            }
            var order: [UInt32] = []
            table.forEach { _, flow in order.append(flow.connection.serial) }
            for _ in 0..<100 {
                let victim = table.nextVictim { $0.connection.serial % 7 == 0 }
                if let victim {
                    order.append(table.flows[victim].connection.serial)
                    table.remove(victim)
                }
            }
            results.append(order)
        }
        #expect(results[0] == results[1])
        let hashes = [1, 2].map { FlowTable(seed: $0).hash(FlowKey(segments[0])) }
        #expect(hashes[0] != hashes[1])
    }

    // MARK: Scopes

    @Test func `the same addresses on two networks are two connections`() {
        let segment = startingSegments(1, seed: 15)[0]
        var table = FlowTable(seed: 1)
        let first = table.add(segment, scope: 10)
        #expect(table.find(segment, scope: 20) == nil)
        let second = table.add(segment, scope: 20)
        #expect(table.find(segment, scope: 10) == first)
        #expect(table.find(segment, scope: 20) == second)
        #expect(table.findAny(FlowKey(segment), hash: table.hash(FlowKey(segment))) != nil)
        table.remove(first)
        #expect(table.find(segment, scope: 10) == nil)
        #expect(table.find(segment, scope: 20) == second)
    }

    @Test func `the two directions may be on different VLANs`() {
        let segment = startingSegments(1, seed: 16)[0]
        let back = FlowKey.sender(of: segment.answer)
        var table = FlowTable(seed: 1)
        let index = table.add(segment, scope: 10)
        // Nothing was seen in that direction yet: any VLAN will do.
        #expect(table.find(segment.answer, scope: 30) == index)
        table.learn(30, of: index, from: back)
        #expect(table.find(segment.answer, scope: 30) == index)
        #expect(table.find(segment.answer, scope: 10) == nil)
        #expect(table.find(segment, scope: 10) == index)
    }

    @Test func `a connection that has seen the VLAN goes before one that has seen none`() {
        let segment = startingSegments(1, seed: 17)[0]
        let back = FlowKey.sender(of: segment.answer)
        var table = FlowTable(seed: 1)
        let open = table.add(segment, scope: 10)
        let known = table.add(segment, scope: 20)
        table.learn(30, of: known, from: back)
        #expect(table.find(segment.answer, scope: 30) == known)
        #expect(table.find(segment.answer, scope: 31) == open)
    }

    // MARK: Incarnations

    @Test func `a new incarnation takes the place and the old one is kept`() {
        let segments = startingSegments(500, seed: 18)
        var table = FlowTable(seed: 1)
        var old: [FlowIndex] = []
        for (serial, segment) in segments.enumerated() {
            old.append(table.add(segment, serial: serial))
        }
        for (serial, segment) in segments.enumerated() {
            let index = table.reuseKey(
                old[serial], with: flow(segment, serial: 1000 + serial),
                hash: table.hash(FlowKey(segment)))
            #expect(table.find(segment) == index)
            #expect(table.previous(of: index) == old[serial])
            #expect(table.previous(of: old[serial]) == nil)
        }
        #expect(table.count == 1000)
    }

    @Test func `an old incarnation may go first, or last`() throws {
        let segments = startingSegments(3, seed: 19)
        var table = FlowTable(seed: 1)
        let first = table.add(segments[0], serial: 0)
        let second = table.reuseKey(
            first, with: flow(segments[0], serial: 1), hash: table.hash(FlowKey(segments[0])))
        table.remove(first)
        #expect(table.find(segments[0]) == second)
        #expect(table.previous(of: second) == nil)
        // Its place is used again, by a connection that is no earlier one of this key.
        let other = table.add(segments[1], serial: 2)
        #expect(other == first)
        #expect(table.previous(of: second) == nil)

        let third = table.reuseKey(
            second, with: flow(segments[0], serial: 3), hash: table.hash(FlowKey(segments[0])))
        table.remove(third)
        #expect(table.find(segments[0]) == nil)
        let isKept = table.isLive(second)
        #expect(isKept)
        table.remove(second)
        #expect(table.count == 1)
    }

    // MARK: Victims

    @Test func `the preferred one goes first, else the next in turn`() throws {
        let segments = startingSegments(50, seed: 20)
        var table = FlowTable(seed: 1)
        for (serial, segment) in segments.enumerated() { _ = table.add(segment, serial: serial) }
        let preferred = try #require(table.nextVictim { $0.connection.serial == 33 })
        #expect(table.flows[preferred].connection.serial == 33)
        #expect(table.nextVictim { _ in false } != nil)
    }

    @Test func `everyone is a victim in the end, and once`() throws {
        let segments = startingSegments(3000, seed: 21)
        var table = FlowTable(seed: 1)
        for (serial, segment) in segments.enumerated() { _ = table.add(segment, serial: serial) }
        var seen: Set<UInt32> = []
        for _ in segments {
            let victim = try #require(table.nextVictim { $0.connection.serial % 10 == 0 })
            #expect(seen.insert(table.flows[victim].connection.serial).inserted)
            table.remove(victim)
        }
        #expect(table.count == 0)
        #expect(table.nextVictim { _ in true } == nil)
    }
}
