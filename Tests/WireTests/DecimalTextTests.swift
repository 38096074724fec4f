import Testing

@testable import Wire

@Suite struct DecimalTextTests {
    @Test("The digits are those of the standard library, with zeros in front up to the width")
    func digits() {
        for number in [0, 7, 9, 10, 99, 100, 65535, 1_000_000_007, UInt64(Int64.max), .max] {
            for width in [1, 2, 9] {
                var text = Array("at ".utf8)
                text.append(decimal: number, width: width)
                let digits = String(number)
                let zeros = String(repeating: "0", count: max(0, width - digits.count))
                #expect(String(decoding: text, as: UTF8.self) == "at " + zeros + digits)
            }
        }
    }
}
