extension [UInt8] {
    /// Appends a number, most significant byte first.
    public mutating func append(bigEndian number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Appends a number, least significant byte first.
    public mutating func append(littleEndian number: some FixedWidthInteger) {
        append(bigEndian: number.byteSwapped)
    }

    /// Overwrites bytes from `offset` on with a number, most significant byte first.
    public mutating func set(bigEndian number: some FixedWidthInteger, at offset: Int) {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: number)
        replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }

    /// Bytes written as hexadecimal digits; blanks and line ends are passed over.
    public init(hex text: String) {
        let digits = text.unicodeScalars.compactMap { Character($0).hexDigitValue }
        precondition(digits.count % 2 == 0, "an odd number of hexadecimal digits")
        self = stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
        }
    }
}
