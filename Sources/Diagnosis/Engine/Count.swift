/// A number as people read it, with a comma before every three digits: `3,432`.
public struct Count: CustomStringConvertible, Sendable {
    private let digits: String
    private let isOne: Bool

    /// Takes a number of any size.
    public init(_ number: some BinaryInteger) {
        digits = String(number)
        isOne = number == 1
    }

    /// The text.
    public var description: String {
        let isNegative = digits.first == "-"
        let plain = isNegative ? digits.dropFirst() : digits[...]
        var text = isNegative ? "-" : ""
        for (index, digit) in plain.enumerated() {
            if index > 0, (plain.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// The number and its noun: `1 frame`, `3,432 frames`.
    public func of(_ noun: String) -> String { isOne ? "1 \(noun)" : "\(self) \(noun)s" }
}
