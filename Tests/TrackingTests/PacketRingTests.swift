import TCPState
import Testing
import Tracking
import Wire

@Suite struct PacketRingTests {
    static func key(_ port: Int) -> FlowKey {
        FlowKey(Address(ipv4: 0x0a00_0001), UInt16(1024 + port), Address(ipv4: 0x0a00_0002), 80)
    }

    static func packets(_ ring: inout PacketRing, _ port: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        ring.removeAll(key(port)) { bytes, length, _ in
            #expect(length == bytes.count + 1)
            found.append(bytes.indices.map { bytes[$0] })
        }
        return found
    }

    static func add(_ ring: inout PacketRing, _ port: Int, _ bytes: [UInt8]) {
        ring.add(
            bytes.span, of: key(port), wireLength: bytes.count + 1, at: Timestamp(nanoseconds: 1))
    }

    @Test func `a connection's packets come in order, once`() {
        var ring = PacketRing(capacity: 1000)
        for number in 0..<10 as Range<UInt8> { Self.add(&ring, Int(number % 3), [number, number]) }
        #expect(Self.packets(&ring, 1) == [[1, 1], [4, 4], [7, 7]])
        #expect(Self.packets(&ring, 1).isEmpty)
        Self.add(&ring, 1, [9])
        #expect(Self.packets(&ring, 1) == [[9]])
        #expect(Self.packets(&ring, 0).count == 4)
    }

    /// Against a plain list of all packets: what is kept is the end of it, and whole.
    @Test(arguments: 1...8)
    func `the last packets that fit are kept`(seed: Int) {
        var state = UInt64(seed)
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var ring = PacketRing(capacity: 500)
        var all: [[UInt8]] = []
        for number in 0..<300 {
            let bytes = [UInt8](repeating: UInt8(number % 251), count: 1 + random(90))
            Self.add(&ring, 0, bytes)
            all.append(bytes)
        }
        let kept = Self.packets(&ring, 0)
        #expect(kept == Array(all.suffix(kept.count)))
        // At most one packet's room is lost where the memory begins anew.
        var bytes = 0
        for packet in kept { bytes += packet.count }
        #expect(bytes >= 320)
    }

    /// A flood of connections that get stuck at once, beside a memory that is full of others' packets.
    @Test func `taking the packets of one connection passes no others`() {
        var ring = PacketRing(capacity: 16 << 20)
        for _ in 0..<300_000 { Self.add(&ring, 50_000, [UInt8](repeating: 1, count: 54)) }
        for port in 0..<3_000 { Self.add(&ring, port, [2]) }
        let clock = ContinuousClock()
        let time = clock.measure {
            for port in 0..<3_000 { #expect(Self.packets(&ring, port) == [[2]]) }
        }
        // Passing all of them each time takes minutes.
        #expect(time < .seconds(5))
    }
}
