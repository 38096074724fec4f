import TCPState
import TestKit
import Testing
import Tracking
import Wire

@Suite struct FlowKeyTests {
    @Test func `both directions have one key and different senders`() {
        for segment in startingSegments(1000, seed: 1) {
            let answer = segment.answer
            #expect(FlowKey(segment) == FlowKey(answer))
            #expect(FlowKey.sender(of: segment) == FlowKey.sender(of: answer).peer)
        }
    }

    @Test func `the key gives back both ends`() {
        for segment in startingSegments(1000, seed: 2) {
            let key = FlowKey(segment)
            let sender = FlowKey.sender(of: segment)
            #expect(key.address(sender) == segment.source)
            #expect(key.port(sender) == segment.sourcePort)
            #expect(key.address(sender.peer) == segment.destination)
            #expect(key.port(sender.peer) == segment.destinationPort)
        }
    }

    @Test func `ports swapped between the hosts make another key`() {
        let low = Address(ipv4: 1)
        let high = Address(ipv4: 2)
        #expect(FlowKey(opening(low, 10, high, 20)) != FlowKey(opening(low, 20, high, 10)))
    }

    @Test func `on one host the ports tell the ends apart`() {
        let host = Address(ipv4: 0x7f00_0001)
        let segment = opening(host, 40000, host, 80)
        #expect(FlowKey(segment) == FlowKey(segment.answer))
        #expect(FlowKey.sender(of: segment) == .high)
        #expect(FlowKey.sender(of: segment.answer) == .low)
    }

    @Test func `an IPv6 address with the bits of an IPv4 one is another key`() {
        let four = opening(Address(ipv4: 1), 1, Address(ipv4: 2), 2)
        let six = opening(Address(high: 0, low: 1), 1, Address(high: 0, low: 2), 2)
        #expect(FlowKey(four) != FlowKey(six))
    }

    @Test func `hashes spread over all bits`() {
        let table = FlowTable(seed: 7)
        let hashes = startingSegments(4096, seed: 3).map { table.hash(FlowKey($0)) }
        // Of 4096 random numbers, 2048 ± 5 standard deviations have any one bit set.
        for bit in 0..<64 {
            let count = hashes.count { $0 >> UInt64(bit) & 1 == 1 }
            #expect(abs(count - 2048) < 160, "bit \(bit): \(count)")
        }
    }
}
