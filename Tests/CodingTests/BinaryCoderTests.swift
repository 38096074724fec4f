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
}
