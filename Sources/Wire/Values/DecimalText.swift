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
            guard let start = text.baseAddress else { return }
            var end = unsafe UnsafeMutableRawPointer(start + count)
            count += digits
            var left = digits
            while left > 24 {
                unsafe end.storeBytes(of: UInt8(ascii: "0"), as: UInt8.self)
                unsafe end += 1
                left -= 1
            }
            // Eight digits at once. The foremost ones are written with what comes before the digits that are asked for
            // shifted out, and what that leaves behind them is written over.
            let (upper, last) = number.quotientAndRemainder(dividingBy: 100_000_000)
            if left > 8 {
                let (top, middle) = upper.quotientAndRemainder(dividingBy: 100_000_000)
                if left > 16 {
                    let word = eightDigits(top) >> UInt64(8 * (24 - left))
                    unsafe end.storeBytes(of: word, as: UInt64.self)
                    unsafe end += left - 16
                    left = 16
                }
                let word = eightDigits(middle) >> UInt64(8 * (16 - left))
                unsafe end.storeBytes(of: word, as: UInt64.self)
                unsafe end += left - 8
                unsafe end.storeBytes(of: eightDigits(last), as: UInt64.self)
            } else {
                var word = eightDigits(last) >> UInt64(8 * (8 - left))
                while left > 0 {
                    unsafe end.storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
                    unsafe end += 1
                    word >>= 8
                    left -= 1
                }
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
        append(unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes. There must be room for them.
    @_lifetime(self: copy self)
    public mutating func append(_ bytes: Span<UInt8>) {
        unsafe withUnsafeMutableBufferPointer { text, count in
            precondition(text.count - count >= bytes.count, "no room for the bytes")
            guard let start = text.baseAddress else { return }
            unsafe bytes.withUnsafeBufferPointer { bytes in
                guard let first = bytes.baseAddress else { return }
                unsafe (start + count).initialize(from: first, count: bytes.count)
            }
            count += bytes.count
        }
    }
}

/// A number below 10^8 as eight decimal digits, the first one in the lowest byte: each step splits all parts of a number
/// in two at once. After Paul Khuong, "How to print integers really fast".
@inline(__always)
private func eightDigits(_ number: UInt64) -> UInt64 {
    let upper = number / 10_000
    let fours = upper | (number &- upper &* 10_000) << 32
    // 10486 / 2^20 and 103 / 2^10 are near enough to 1/100 and 1/10 for four and two digits.
    let hundreds = (fours &* 10_486) >> 20 & 0x7f_0000_007f
    let pairs = hundreds | (fours &- hundreds &* 100) << 16
    let tens = (pairs &* 103) >> 10 & 0x000f_000f_000f_000f
    let digits = tens | (pairs &- tens &* 10) << 8
    return (digits | 0x3030_3030_3030_3030).littleEndian
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
