import TCPState
import TestKit
import Testing
import Wire

@testable import Diagnosis

/// A forecast may be too high, and is never too low.
struct CountingSketchTests {
    private static func hash(_ key: Int) -> UInt64 {
        var random = SplitMix64(seed: UInt64(key))
        return random.next()
    }

    @Test(arguments: [10, 3_000, 100_000])
    func `No key is foreseen less often than it comes, few more often`(count: Int) {
        var sketch = CountingSketch()
        #expect(sketch[1] == 0)
        // Every key as often as its last digit says.
        for key in 0..<count {
            for _ in 0..<key % 10 { sketch.add(Self.hash(key), of: 5 * count) }
        }
        let foreseen = (0..<count).map { sketch[Self.hash($0)] }
        #expect((0..<count).allSatisfy { foreseen[$0] >= $0 % 10 })
        #expect((0..<count).count { foreseen[$0] > $0 % 10 } <= count / 5)
    }

    /// Their sizes follow from how many each was told there are.
    @Test(arguments: [(50, 5_000), (5_000, 50), (700, 700)])
    func `Of two, both are counted, whatever their sizes`(_ counts: (Int, Int)) {
        var one = CountingSketch()
        var other = CountingSketch()
        for key in 0..<counts.0 { one.add(Self.hash(key), of: counts.0) }
        for key in 0..<counts.1 { other.add(Self.hash(key), of: counts.1) }
        one.add(other)
        for key in 0..<max(counts.0, counts.1) {
            let times = (key < counts.0 ? 1 : 0) + (key < counts.1 ? 1 : 0)
            #expect(one[Self.hash(key)] >= times)
        }
    }

    @Test func `More than can be counted is as often as can be`() {
        var one = CountingSketch()
        var other = CountingSketch()
        for _ in 0..<200 {
            one.add(7, of: 10)
            other.add(7, of: 10)
        }
        #expect(one[7] == 200)
        one.add(other)
        #expect(one[7] == .max)
        for _ in 0..<300 { other.add(7, of: 10) }
        #expect(other[7] == .max)
    }
}

/// What is foreseen of connections spares room, and changes nothing that is found.
struct PreviewTests {
    private enum Fate: CaseIterable {
        case refused, filtered, unanswered, closedByClient, closedByServer, leaking
    }

    private static func talk(
        _ fate: Fate, client: Int, server: Int, port: UInt16, after start: Int64
    ) -> Conversation {
        let talk = Conversation(
            clientAddress: Address(ipv4: 0x0a00_0000 + UInt32(client)),
            clientPort: 40_000 + port,
            serverAddress: Address(ipv4: 0xc612_0000 + UInt32(server)), serverPort: port,
            start: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + start))
        talk.client.syn()
        switch fate {
        case .refused: talk.server.rstAck()
        case .filtered: for _ in 0..<3 { talk.client.retransmit(after: .seconds(1)) }
        case .unanswered: break
        case .closedByClient, .closedByServer, .leaking:
            talk.server.synAck()
            talk.client.ack()
            let (first, second) =
                fate == .closedByServer ? (talk.server, talk.client) : (talk.client, talk.server)
            first.fin()
            second.ack()
            if fate == .leaking { break }
            second.fin()
            first.ack()
        }
        return talk
    }

    /// Pairs of hosts with as many connections of each fate as lies on both sides of what makes a scan or a
    /// pile.
    @Test func `What was foreseen is found as what was not`() throws {
        var records: [ConnectionRecord] = []
        for (client, count) in [1, 2, 19, 20, 21, 99, 100, 101].enumerated() {
            for (server, fate) in Fate.allCases.enumerated() {
                for number in 0..<count {
                    let isPile = fate == .closedByClient || fate == .closedByServer
                    let talk = Self.talk(
                        fate, client: client + (isPile ? 0 : 100 * server), server: server,
                        port: isPile ? 80 : UInt16(number + 1),
                        after: Int64(records.count) * 1_000_003)
                    records.append(try #require(talk.record))
                }
            }
        }
        let end = Timestamp(nanoseconds: 1_700_000_100_000_000_000)
        var plain = RunSummary()
        for record in records { plain.add(record, at: end) }
        var seeing = RunSummary()
        for record in records {
            seeing.preview(record.key, record.connection, of: records.count)
        }
        for record in records { seeing.add(record, at: end) }
        func lines(_ summary: RunSummary) -> [String] {
            summary.findings.groups().map { group in
                let examples = group.examples.map { "\($0.firstSeen.nanoseconds)" }
                return "\(group.key) \(group.count) \(group.settled) \(group.severity) \(examples)"
            }
        }
        let expected = lines(plain)
        let found = lines(seeing)
        #expect(found.count == expected.count)
        for (line, other) in zip(found, expected) { #expect(line == other) }
        let diagnoses = Set(plain.findings.groups().map(\.key.diagnosis))
        #expect(diagnoses.isSuperset(of: [.portScan, .refused, .synFiltered, .timeWaitPileup]))
    }
}
