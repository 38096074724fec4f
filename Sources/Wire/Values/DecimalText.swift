extension [UInt8] {
    /// Appends a number in decimal digits, with zeros in front up to a width. O(digits), without a text in between.
    public mutating func append(decimal number: UInt64, width: Int = 1) {
        append(addingCapacity: Swift.max(width, 20)) { $0.append(decimal: number, width: width) }
    }
}

extension OutputSpan<UInt8> {
    /// Appends a number in decimal digits, with zeros in front up to a width. There must be room for them, 20 at most
    /// without a width. O(digits).
    @_lifetime(self: copy self)
    public mutating func append(decimal number: UInt64, width: Int = 1) {
        let digits = Swift.max(width, decimalDigits(number))
        unsafe withUnsafeMutableBufferPointer { text, count in
            precondition(text.count - count >= digits, "no room for a number")
            guard var end = text.baseAddress else { return }
            unsafe end += count + digits
            count += digits
            // From the last pair of digits to the first one.
            var (rest, left) = (number, digits)
            while left >= 2 {
                let quotient = rest / 100
                let pair = UInt8(truncatingIfNeeded: rest &- quotient &* 100)
                unsafe end -= 2
                unsafe end.initialize(to: UInt8(ascii: "0") &+ pair / 10)
                unsafe (end + 1).initialize(to: UInt8(ascii: "0") &+ pair % 10)
                (rest, left) = (quotient, left - 2)
            }
            if left == 1 {
                unsafe (end - 1).initialize(
                    to: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10))
            }
        }
    }

    /// Appends a number below 100 in two decimal digits.
    @_lifetime(self: copy self)
    public mutating func append(twoDigits number: UInt64) {
        append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 10))
        append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10))
    }

    /// Appends a text that is known at compile time. There must be room for it.
    @_lifetime(self: copy self)
    public mutating func append(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { append(unsafe text.utf8Start[index]) }
    }

    /// Appends bytes. There must be room for them.
    @_lifetime(self: copy self)
    public mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { append(bytes[index]) }
    }
}

/// How many decimal digits a number has: its bits give that, or one less.
private func decimalDigits(_ number: UInt64) -> Int {
    // Zero has a digit, too. 1233 / 4096 is the logarithm of 2 to base 10, close enough for 64 bits.
    let number = number | 1
    let atLeast = ((64 - number.leadingZeroBitCount) * 1233) >> 12
    return atLeast + (number >= powersOfTen[atLeast] ? 1 : 0)
}

private let powersOfTen: InlineArray<20, UInt64> = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
]
