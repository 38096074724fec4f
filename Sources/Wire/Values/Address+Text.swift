extension Address: CustomStringConvertible {
    /// Dotted decimal for IPv4; for IPv6 the canonical form of RFC 5952.
    public var description: String {
        var text: [UInt8] = []
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Address and port as RFC 5952, section 6, and RFC 3986 write them: `10.1.0.1:4321`, `[fd00::2]:80`.
    public func text(port: UInt16) -> String {
        var text: [UInt8] = []
        text.append(addingCapacity: Address.textLimit) { $0.append(self, port: port) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends ``description`` as ASCII.
    public func appendText(to text: inout [UInt8]) {
        text.append(addingCapacity: Address.textLimit) { $0.append(self) }
    }

    /// No address with a port has a longer text.
    public static var textLimit: Int {
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535".utf8.count
    }

    fileprivate func appendIPv6(to text: inout OutputSpan<UInt8>) {
        let zeros = longestZeros
        for index in 0..<8 where !zeros.contains(index) || index == zeros.lowerBound {
            if zeros.contains(index) {
                text.append("::")
            } else {
                if index > 0, index != zeros.upperBound { text.append(UInt8(ascii: ":")) }
                text.append(hexadecimal: group(index))
            }
        }
    }

    private func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
    }

    /// The first of the longest runs of zero groups; a single one is not shortened. RFC 5952, section 4.2.
    private var longestZeros: Range<Int> {
        var longest = 8..<8
        var start = 0
        for index in 0...8 where index == 8 || group(index) != 0 {
            if index - start > max(longest.count, 1) { longest = start..<index }
            start = index + 1
        }
        return longest
    }
}

extension OutputSpan<UInt8> {
    /// Appends an address's ``Address/description``. There must be room for it: see ``Address/textLimit``.
    @_lifetime(self: copy self)
    public mutating func append(_ address: Address) {
        guard address.isIPv4 else { return address.appendIPv6(to: &self) }
        for shift: UInt64 in [24, 16, 8, 0] {
            append(octet: UInt8(truncatingIfNeeded: address.low >> shift))
            if shift > 0 { append(UInt8(ascii: ".")) }
        }
    }

    /// The same with a port: see ``Address/text(port:)``.
    @_lifetime(self: copy self)
    public mutating func append(_ address: Address, port: UInt16) {
        if !address.isIPv4 { append(UInt8(ascii: "[")) }
        append(address)
        if !address.isIPv4 { append(UInt8(ascii: "]")) }
        append(UInt8(ascii: ":"))
        append(decimal: UInt64(port))
    }

    /// Appends a number in decimal digits.
    @_lifetime(self: copy self)
    private mutating func append(octet: UInt8) {
        if octet >= 100 { append(UInt8(ascii: "0") + octet / 100) }
        if octet >= 10 { append(UInt8(ascii: "0") + octet / 10 % 10) }
        append(UInt8(ascii: "0") + octet % 10)
    }

    /// Appends a number in hexadecimal digits.
    @_lifetime(self: copy self)
    fileprivate mutating func append(hexadecimal number: UInt16) {
        let digits = max(1, (19 - number.leadingZeroBitCount) / 4)
        for shift in stride(from: 4 * digits - 4, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> UInt16(shift) & 0xf)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }
}
