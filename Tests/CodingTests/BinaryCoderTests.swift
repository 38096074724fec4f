import Testing
import Wire

@testable import Coding

struct BinaryCoderTests {
    private func written<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        var coder = BinaryCoder()
        var number = number
        coder(&number)
        return coder.bytes
    }

    /// DWARF 5, section 7.6, figures 22 and 23 (unsigned); protobuf's encoding guide (zigzag).
    @Test func `Numbers are LEB128, signed ones in zigzag`() {
        #expect(written(2 as UInt32) == [2])
        #expect(written(127 as UInt32) == [127])
        #expect(written(128 as UInt32) == [0x80, 1])
        #expect(written(129 as UInt32) == [0x81, 1])
        #expect(written(12_857 as UInt32) == [0xb9, 0x64])
        #expect(written(-1 as Int64) == [1])
        #expect(written(1 as Int64) == [2])
        #expect(written(-2 as Int64) == [3])
        #expect(written(0x7fff_ffff as Int64) == written(0xffff_fffe as UInt64))
        #expect(written(Int64.min) == written(UInt64.max))
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 300, .max])
    func `What was written is read`(number: Int64) {
        var coder = BinaryCoder(reading: written(number))
        var read: Int64 = 7
        coder(&read)
        #expect(read == number)
        #expect(coder.isWhole)
    }

    /// DWARF 5, section 7.6: seven bits a byte, so 2^(7n) - 1 is the largest number of n bytes, and 2^(7n) has n bytes
    /// of 0x80 and then 1.
    @Test(arguments: 1...9, [[], [0], [0x80], [UInt8](repeating: 0xff, count: 12)])
    func `A number of any length is read, whatever follows it`(size: Int, rest: [UInt8]) {
        let largest = [UInt8](repeating: 0xff, count: size - 1) + [0x7f]
        let next = [UInt8](repeating: 0x80, count: size) + [1]
        #expect(written((1 as UInt64) << UInt64(7 * size) - 1) == largest)
        #expect(written((1 as UInt64) << UInt64(7 * size)) == next)
        for (bytes, value) in [
            (largest, (1 as UInt64) << UInt64(7 * size) - 1),
            (next, (1 as UInt64) << UInt64(7 * size)),
            ([UInt8](repeating: 0x80, count: size) + [0], 0),
        ] {
            var coder = BinaryCoder(reading: bytes + rest)
            var read: UInt64 = 7
            coder(&read)
            #expect(read == value)
            #expect(coder.isAtEnd == rest.isEmpty)
            if rest == [0] {
                coder(&read)
                #expect(read == 0)
                #expect(coder.isWhole)
            }
            #expect(coder.isValid)
        }
    }

    @Test func `A number that does not fit, is cut or has too many bytes is invalid`() {
        func isValid<Number: FixedWidthInteger>(_ bytes: [UInt8], _ blank: Number) -> Bool {
            var coder = BinaryCoder(reading: bytes)
            var number = blank
            coder(&number)
            return coder.isWhole
        }
        #expect(isValid([0xff, 1], 0 as UInt8))
        #expect(!isValid([0x80, 2], 0 as UInt8))
        #expect(!isValid([0x80], 0 as UInt64))
        #expect(!isValid([], 0 as UInt64))
        let nine = [UInt8](repeating: 0xff, count: 9)
        #expect(isValid(nine + [1], 0 as UInt64))
        #expect(!isValid(nine + [2], 0 as UInt64))
        #expect(!isValid(nine + [0x80, 0], 0 as UInt64))
    }

    /// A list that claims a billion elements must not reserve memory for them.
    @Test func `A list is no longer than what is left`() {
        var coder = BinaryCoder(reading: [0x80, 0x94, 0xeb, 0xdc, 0x07, 1, 2])
        var list: [UInt8] = []
        coder.list(&list, 0) { $1(&$0) }
        #expect(!coder.isValid)
        #expect(list.isEmpty)
    }

    @Test(arguments: ["10.1.1.2", "2001:db8::8", "::ffff:1.2.3.4"])
    func `Addresses come back`(text: String) throws {
        var address = try #require(Address(text))
        var coder = BinaryCoder()
        coder(&address)
        var reader = BinaryCoder(reading: coder.bytes)
        var read = Address(high: 1, low: 1)
        reader(&read)
        #expect(read == address)
        #expect(reader.isWhole)
    }

    /// Times that stand for none are one byte; others come back whatever the distance, which wraps around.
    @Test(arguments: [0, 1, -1, 1_700_000_000_000_000_000, Int64.min, .max] as [Int64])
    func `Any moment comes back, from any origin`(origin: Int64) {
        let half: Int64 = 1 << 62
        let near = (-4...4).flatMap { [origin &+ $0, origin &+ half &+ $0, origin &- half &+ $0] }
        for nanoseconds in near + [0, 1, -1, .min, .min + 1, .max, .max - 1] {
            var coder = BinaryCoder()
            coder.timeOrigin = origin
            var time = Timestamp(nanoseconds: nanoseconds)
            coder(&time)
            if [0, .min].contains(nanoseconds) { #expect(coder.count == 1) }
            var reader = BinaryCoder(reading: coder.bytes)
            reader.timeOrigin = origin
            var read = Timestamp(nanoseconds: 7)
            reader(&read)
            #expect(read.nanoseconds == nanoseconds)
            #expect(reader.isWhole)
        }
    }

    /// RFC 9293, section 3.4: sequence numbers wrap around; two that are near are, on both sides of 2^32.
    @Test(arguments: [0, 1, 0x7fff_ffff, 0x8000_0000, .max] as [UInt32])
    func `A number near another comes back, and is short`(other: UInt32) {
        for distance in [-2, -1, 0, 1, 63, 0x7fff_ffff, -0x8000_0000] as [Int32] {
            let value = other &+ UInt32(bitPattern: distance)
            var coder = BinaryCoder()
            var number = SequenceNumber(value)
            coder(&number, near: SequenceNumber(other))
            if value == 0 || (-32..<32).contains(distance) { #expect(coder.count == 1) }
            var reader = BinaryCoder(reading: coder.bytes)
            var read = SequenceNumber(7)
            reader(&read, near: SequenceNumber(other))
            #expect(read.rawValue == value)
            #expect(reader.isWhole)
        }
        // Farther than any two numbers of 32 bits are.
        var reader = BinaryCoder(reading: [0x81, 0x80, 0x80, 0x80, 0x10])
        var read: UInt32 = 7
        reader(&read, near: other)
        #expect(!reader.isValid)
    }
}
