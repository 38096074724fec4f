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
        appendText(port: port, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends ``text(port:)`` as ASCII.
    public func appendText(port: UInt16, to text: inout [UInt8]) {
        if !isIPv4 { text.append(UInt8(ascii: "[")) }
        appendText(to: &text)
        if !isIPv4 { text.append(UInt8(ascii: "]")) }
        text.append(UInt8(ascii: ":"))
        text.append(decimal: UInt64(port))
    }

    /// Appends ``description`` as ASCII.
    public func appendText(to text: inout [UInt8]) {
        if isIPv4 {
            for shift in [24, 16, 8, 0] {
                text.append(decimal: low >> UInt64(shift) & 0xff)
                if shift > 0 { text.append(UInt8(ascii: ".")) }
            }
        } else {
            appendIPv6(to: &text)
        }
    }

    private func appendIPv6(to text: inout [UInt8]) {
        let groups = (0..<8).map(group)
        let zeros = longestZeros(in: groups)
        for index in 0..<8 where !zeros.contains(index) || index == zeros.lowerBound {
            if zeros.contains(index) {
                text.append(contentsOf: "::".utf8)
            } else {
                if index > 0, index != zeros.upperBound { text.append(UInt8(ascii: ":")) }
                text.append(contentsOf: String(groups[index], radix: 16).utf8)
            }
        }
    }

    private func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
    }

    /// The first of the longest runs of zero groups; a single one is not shortened. RFC 5952, section 4.2.
    private func longestZeros(in groups: [UInt16]) -> Range<Int> {
        var longest = 8..<8
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > max(longest.count, 1) { longest = start..<index }
            start = index + 1
        }
        return longest
    }
}
