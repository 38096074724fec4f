extension [UInt8] {
    /// Appends a number in decimal digits, with zeros in front up to a width. O(digits), without a text in between.
    public mutating func append(decimal number: UInt64, width: Int = 1) {
        let digits = Swift.max(width, Self.digits(number))
        append(addingCapacity: digits) { $0.append(repeating: UInt8(ascii: "0"), count: digits) }
        var text = mutableSpan
        var place = text.count
        var rest = number
        while rest > 0 {
            let quotient = rest / 10
            place -= 1
            text[place] &+= UInt8(truncatingIfNeeded: rest &- quotient &* 10)
            rest = quotient
        }
    }

    /// How many digits a number has.
    private static func digits(_ number: UInt64) -> Int {
        var digits = 1
        var limit: UInt64 = 10
        while number >= limit {
            digits += 1
            let (next, isBeyond) = limit.multipliedReportingOverflow(by: 10)
            if isBeyond { break }
            limit = next
        }
        return digits
    }
}
