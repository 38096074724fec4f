import Testing
import Wire

@testable import Diagnosis

/// What is remembered of hosts, within bounds and in whatever order it comes.
struct HostFactsTests {
    private func address(_ number: Int) -> Address { Address(ipv4: UInt32(0x0a00_0000 + number)) }
    private func second(_ number: Double) -> Timestamp {
        Timestamp(nanoseconds: Int64(number * 1e9))
    }

    @Test func `A filter holds what was put in, and nearly nothing else`() {
        var even = AddressFilter()
        var odd = AddressFilter()
        for number in stride(from: 0, to: 20_000, by: 2) { even.insert(address(number)) }
        for number in stride(from: 1, to: 20_000, by: 2) { odd.insert(address(number)) }
        var both = even
        both.add(odd)
        odd.add(even)
        #expect((0..<20_000).allSatisfy { both.mayContain(address($0)) })
        let wrong = (20_000..<40_000).count { both.mayContain(address($0)) }
        #expect(wrong < 100)
        #expect(
            (20_000..<40_000).allSatisfy {
                both.mayContain(address($0)) == odd.mayContain(address($0))
            })
        #expect(!AddressFilter().mayContain(address(1)))
    }

    /// RFC 7323, appendix on TIME-WAIT and Linux 4.11, tcp_conn_request: a SYN is dropped if its time stamp is
    /// older than the last one of that address, within a minute.
    @Test func `A time stamp behind an earlier one of the address explains a dropped SYN`() {
        var clocks = ClientClocks()
        for number in 0..<5 {
            clocks.add(address(1), 900_000 + UInt32(number) * 1_000, at: second(Double(number)))
        }
        #expect(clocks.isBehind(address(1), 500_000, at: second(2.5)))
        #expect(!clocks.isBehind(address(1), 950_000, at: second(2.5)))
        // Before any other, after a minute, from another address, without a time stamp.
        #expect(!clocks.isBehind(address(1), 500_000, at: second(-1)))
        #expect(!clocks.isBehind(address(1), 500_000, at: second(70)))
        #expect(!clocks.isBehind(address(2), 500_000, at: second(2.5)))
        #expect(!clocks.isBehind(address(1), 0, at: second(2.5)))
        // Where many older ones are answered too, time stamps do not decide.
        for number in 5..<9 { clocks.add(address(1), 400_000, at: second(Double(number))) }
        #expect(!clocks.isBehind(address(1), 500_000, at: second(2.5)))
    }

    /// Linux: with `tcp_timestamps` = 1 each connection has a random offset of its own.
    @Test func `Time stamps that follow no clock explain nothing`() {
        var clocks = ClientClocks()
        for (number, value) in [2_427_990_515, 3_014_584_681, 460_289_400].enumerated() {
            clocks.add(address(1), UInt32(value), at: second(Double(number) / 10))
        }
        #expect(!clocks.isBehind(address(1), 1_868_000_783, at: second(1)))
        #expect(!clocks.isBehind(address(1), 2_475_098_087, at: second(1)))
    }

    @Test func `Clocks are the same in whatever order they come`() {
        var forward = ClientClocks()
        var parts = [ClientClocks(), ClientClocks()]
        for client in 0..<40 {
            for number in 0..<20 {
                let value = UInt32(1_000_000 + client * 10 + number * 1_000)
                forward.add(address(client), value, at: second(Double(number)))
                parts[(client + number) % 2].add(
                    address(client), value, at: second(Double(number)))
            }
        }
        var backward = parts[1]
        backward.add(parts[0])
        for client in 0..<40 {
            for value: UInt32 in [5, 1_005_000, 2_000_000] {
                let at = second(15.5)
                #expect(
                    forward.isBehind(address(client), value, at: at)
                        == backward.isBehind(address(client), value, at: at))
            }
        }
        #expect((0..<40).count { forward.isBehind(address($0), 5, at: second(15.5)) } == 16)
    }
}
