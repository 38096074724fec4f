import TCPState
import TestKit
import Testing
import Tracking
import Wire

/// Connections of one address pair on several VLANs, tunnels or interfaces, against a list that is searched.
@Suite struct SiblingsTests {
    private struct Entry {
        var serial: UInt32
        var index: FlowIndex
        var scopes: [UInt32?]
    }

    /// The rule by which a segment finds its connection; `entries` begins with the one that `findAny` finds.
    private static func expected(
        _ entries: [Entry], _ scope: UInt32, _ side: Side
    ) -> FlowIndex? {
        let (from, to) = (side.rawValue, side.peer.rawValue)
        if let exact = entries.first(where: { $0.scopes[from] == scope }) { return exact.index }
        let open = entries.filter { $0.scopes[from] == nil }
        return open.first { $0.scopes[to] == scope }?.index ?? open.first?.index
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `Segments find the connection that the rule says`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = FlowTable(seed: seed)
        let segment = startingSegments(1, seed: seed)[0]
        let key = FlowKey(segment)
        let hash = table.hash(key)
        let others = startingSegments(50, seed: seed + 100).filter { FlowKey($0) != key }
        for (number, other) in others.enumerated() {
            _ = table.add(other, serial: 1_000_000 + number)
        }
        var entries: [Entry] = []
        var serial: UInt32 = 0
        for _ in 0..<700 {
            let side: Side = Bool.random(using: &random) ? .low : .high
            let scope = UInt32.random(in: 0..<40, using: &random)
            let first = table.findAny(key, hash: hash)
            #expect((first == nil) == entries.isEmpty)
            // The first is the oldest, or has taken an older one's place.
            if let first, let position = entries.firstIndex(where: { $0.index == first }) {
                entries.insert(entries.remove(at: position), at: 0)
            }
            let found = first.flatMap {
                table.find(from: $0, key, hash: hash, scope: scope, sender: side)
            }
            #expect(found == Self.expected(entries, scope, side))
            if let found, let position = entries.firstIndex(where: { $0.index == found }) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    table.remove(found)
                    entries.remove(at: position)
                case 1:
                    serial += 1
                    var next = flow(segment, serial: Int(serial))
                    next.scopes = table.flows[found].scopes
                    let index = table.reuseKey(found, with: next, hash: hash)
                    table.remove(found)
                    let isFirst = position == 0
                    let entry = Entry(
                        serial: serial, index: index, scopes: entries.remove(at: position).scopes)
                    entries.insert(entry, at: isFirst ? 0 : entries.count)
                default:
                    guard entries[position].scopes[side.rawValue] == nil else { continue }
                    table.learn(scope, of: found, from: side)
                    entries[position].scopes[side.rawValue] = scope
                }
            } else {
                serial += 1
                let connection = Connection(
                    serial: serial, stream: serial, first: segment, from: side,
                    at: Timestamp(nanoseconds: 0), frame: 1)
                let new = Flow(key: key, connection: connection, sender: side, scope: scope)
                let index = table.insert(new, hash: hash)
                var scopes: [UInt32?] = [nil, nil]
                scopes[side.rawValue] = scope
                entries.append(Entry(serial: serial, index: index, scopes: scopes))
            }
        }
        #expect(others.allSatisfy { table.find($0) != nil })
        for entry in entries { table.remove(entry.index) }
        #expect(table.findAny(key, hash: hash) == nil)
        #expect(table.count == others.count)
    }

    @Test func `SYNs on many networks keep their numbers and are answered on their own`() throws {
        let count = 300
        var table = FlowTable(seed: 3)
        let segment = startingSegments(1, seed: 9)[0]
        let key = FlowKey(segment)
        let hash = table.hash(key)
        let sender = FlowKey.sender(of: segment)
        for number in 0..<count {
            let cachedSYN = try #require(
                SYNCacheEntry(
                    segment, key: key, sender: sender, scope: UInt32(number),
                    serial: UInt32(number), stream: 0, at: Timestamp(nanoseconds: 0), frame: 1))
            table.insert(cachedSYN, hash: hash)
        }
        for number in (0..<count).reversed() {
            let found = table.find(segment.answer, scope: UInt32(number))
            let index = try #require(found)
            #expect(index.isCachedSYN && table.serial(of: index) == UInt32(number))
            let new = table.replace(
                index, with: flow(segment, serial: number, scope: UInt32(number)), hash: hash)
            table.learn(UInt32(number), of: new, from: sender.peer)
            #expect(table.find(segment, scope: UInt32(number)) == new)
        }
        let left = table.nextCachedSYN()
        #expect(left == nil)
    }

    private static func evictAll(_ table: inout FlowTable) -> [UInt32] {
        var evicted: [UInt32] = []
        while let oldest = table.nextCachedSYN() {
            evicted.append(table.serial(of: oldest))
            table.remove(cachedSYN: oldest)
        }
        return evicted
    }

    @Test func `Half-open connections are evicted by age, however many have gone`() throws {
        var table = FlowTable(seed: 4)
        let segments = startingSegments(3000, seed: 21)
        func made(_ number: Int) throws -> SYNCacheEntry {
            let segment = segments[number % segments.count]
            return try #require(
                SYNCacheEntry(
                    segment, key: FlowKey(segment), sender: FlowKey.sender(of: segment), scope: 0,
                    serial: UInt32(number), stream: 0, at: Timestamp(nanoseconds: 0), frame: 1))
        }
        for number in 0..<3000 {
            let cachedSYN = try made(number)
            table.insert(cachedSYN, hash: table.hash(cachedSYN.key))
        }
        // All but every hundredth become flows.
        for number in 0..<3000 where number % 100 != 0 {
            let found = table.find(segments[number])
            let index = try #require(found)
            _ = table.replace(
                index, with: flow(segments[number], serial: number),
                hash: table.hash(FlowKey(segments[number])))
        }
        let oldest = Self.evictAll(&table)
        #expect(oldest == (0..<30).map { $0 * 100 })
        for number in [5000, 5100, 5200] {
            let cachedSYN = try made(number % 5000)
            let later = try #require(
                SYNCacheEntry(
                    cachedSYN.segment, key: cachedSYN.key, sender: cachedSYN.sender, scope: 0,
                    serial: UInt32(number), stream: 0, at: Timestamp(nanoseconds: 0), frame: 1))
            table.insert(later, hash: table.hash(later.key))
        }
        let later = Self.evictAll(&table)
        #expect(later == [5000, 5100, 5200])
    }
}
