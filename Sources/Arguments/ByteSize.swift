/// A number of bytes as people write it: `64K`, `100M`, `2G`.
public struct ByteSize: Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let bytes: Int

    /// A number of bytes.
    public init(bytes: Int) { self.bytes = bytes }

    /// Reads digits and a unit of 1,024, of its square or of its cube; nil for anything else, and for none.
    public init?(_ text: String) {
        let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
        let shift = text.last.flatMap { shifts[$0] }
        let digits = shift == nil ? text[...] : text.dropLast()
        guard let number = Int(digits), number > 0 else { return nil }
        let product = number.multipliedReportingOverflow(by: 1 << (shift ?? 0))
        guard !product.overflow else { return nil }
        bytes = product.partialValue
    }

    /// The number in mebibytes, where it is a whole number of them, or in kibibytes.
    public var description: String {
        bytes % (1 << 20) == 0 ? "\(bytes >> 20)M" : "\(bytes >> 10)K"
    }
}
