import TestKit
import Testing
import Wire

/// Which hosts send wrong checksums.
@Suite struct ChecksumStatisticsTests {
    /// Frames from one host to another, of which `wrong` have a damaged checksum.
    private func send(
        _ count: Int, wrong: Int, from source: Address, _ statistics: inout ChecksumStatistics
    ) {
        for number in 0..<count {
            var packet = PacketBuilder()
            packet.source = source
            packet.destination = Address(ipv4: 0x0a00_00ff)
            packet.payload = [1, 2, 3, UInt8(number & 0xff)]
            var frame = packet.ethernet
            if number < wrong { frame[14 + 20 + 16] ^= 0x55 }
            statistics.inspect(frame.span, linkType: .ethernet, wireLength: frame.count)
        }
    }

    private let here = Address(ipv4: 0x0a00_0001)
    private let there = Address(ipv4: 0x0a00_0002)

    @Test func `wrong in one host's frames only is offload`() {
        var statistics = ChecksumStatistics()
        send(10, wrong: 9, from: here, &statistics)
        send(200, wrong: 1, from: there, &statistics)
        #expect(statistics.offloading == [here])
        #expect(statistics.hosts[here] == .init(1, 9, 0))
        #expect(statistics.total == .init(200, 10, 0))
    }

    @Test func `wrong here and there is damage`() {
        var statistics = ChecksumStatistics()
        send(10, wrong: 9, from: here, &statistics)
        send(10, wrong: 3, from: there, &statistics)
        #expect(statistics.offloading.isEmpty)
    }

    @Test func `one wrong frame is no offload`() {
        var statistics = ChecksumStatistics()
        send(1, wrong: 1, from: here, &statistics)
        #expect(statistics.offloading.isEmpty)
    }

    @Test func `a cut frame cannot be judged, another protocol is left out`() {
        var statistics = ChecksumStatistics()
        var frame = PacketBuilder().ethernet
        statistics.inspect(
            frame.span.extracting(0..<54), linkType: .ethernet, wireLength: frame.count)
        frame[12] = 0x12
        statistics.inspect(frame.span, linkType: .ethernet, wireLength: frame.count)
        #expect(statistics.total == .init(1, 0, 0))
        var packet = PacketBuilder()
        packet.payload = [1, 2, 3]
        let whole = packet.ethernet
        statistics.inspect(
            whole.span.extracting(0..<54), linkType: .ethernet, wireLength: whole.count)
        #expect(statistics.total == .init(1, 0, 1))
    }
}

extension ChecksumStatistics.Count {
    fileprivate init(_ correct: UInt64, _ wrong: UInt64, _ notCaptured: UInt64) {
        self.init()
        self.correct = correct
        self.wrong = wrong
        self.notCaptured = notCaptured
    }
}
