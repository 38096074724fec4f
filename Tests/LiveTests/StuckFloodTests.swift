import Diagnosis
import Testing
import Wire

@testable import Live

/// A stranger may make any number of connections that are stuck: what is written about them stays small.
@Suite struct StuckFloodTests {
    private static func service(_ number: Int) -> Service {
        Service(
            address: Address(ipv4: 0x0a00_0000 + UInt32(number >> 8)), port: UInt16(number & 255))
    }

    @Test func `of one service a few are told of, the others are counted`() {
        var flood = StuckFlood()
        let start = Timestamp(nanoseconds: 0)
        let told = (0..<40_000).count { _ in
            flood.admit(.synReceivedStuck, Self.service(80), start + .seconds(3))
        }
        #expect(told == StuckFlood.limit)
        let early = flood.takeCounts(start + .seconds(12))
        #expect(early.isEmpty, "the window is not over")
        let counts = flood.takeCounts(start + .seconds(13))
        #expect(counts.count == 1)
        #expect(
            counts[0].hasPrefix("\(40_000 - StuckFlood.limit) more connections to 10.0.0.0:80 "))
        let isTold = flood.admit(.synReceivedStuck, Self.service(80), start + .seconds(14))
        #expect(isTold)
        let later = flood.takeCounts(start + .seconds(40))
        #expect(later.isEmpty, "none was counted")
    }

    @Test func `of many services some are told of, and no number is lost`() {
        var flood = StuckFlood()
        let now = Timestamp(nanoseconds: 0)
        let count = 100_000
        let told = (0..<count).count { flood.admit(.closeWaitLeak, Self.service($0), now) }
        #expect(told == StuckFlood.limitInAll)
        let lines = flood.takeCounts(now + StuckFlood.window)
        #expect(lines.count == StuckFlood.limit + 1)
        let sum = lines.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }.reduce(
            0, +)
        #expect(sum == count - told)
    }
}
