extension [UInt8] {
    /// Appends a number in decimal digits, with zeros in front up to a width. O(digits), without a text in between.
    public mutating func append(decimal number: UInt64, width: Int = 1) {
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        var place = count + Swift.max(digits, width)
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: place - count))
        var text = mutableSpan
        rest = number
        while rest > 0 {
            let quotient = rest / 10
            place -= 1
            text[place] += UInt8(truncatingIfNeeded: rest - quotient * 10)
            rest = quotient
        }
    }
}
