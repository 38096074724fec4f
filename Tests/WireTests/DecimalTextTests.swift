import Testing

@testable import Wire

@Suite struct DecimalTextTests {
    @Test("The digits are those of the standard library, with zeros in front up to the width")
    func digits() {
        // Numbers of every length, the smallest and the largest.
        var numbers: [UInt64] = [0, 65535, 1_000_000_007, UInt64(Int64.max), .max]
        var power: UInt64 = 1
        for _ in 1...19 {
            power *= 10
            numbers += [power - 1, power, power + 7]
        }
        for number in numbers {
            for width in [1, 2, 7, 8, 9, 16, 17, 24, 30] {
                var text = Array("at ".utf8)
                text.append(decimal: number, width: width)
                let digits = String(number)
                let zeros = String(repeating: "0", count: max(0, width - digits.count))
                #expect(String(decoding: text, as: UTF8.self) == "at " + zeros + digits)
            }
        }
    }
}
