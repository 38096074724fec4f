extension Address: LosslessStringConvertible {
    /// Reads dotted decimal or any form of RFC 4291, section 2.2; `nil` for anything else: zone
    /// identifiers, brackets, ports, leading zeros in dotted decimal.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: ":")) else {
            guard let ipv4 = Address.dotted(bytes[...]) else { return nil }
            self.init(ipv4: ipv4)
            return
        }
        guard let groups = Address.groups(bytes[...]) else { return nil }
        func half(_ groups: ArraySlice<UInt16>) -> UInt64 {
            groups.reduce(0) { $0 << 16 | UInt64($1) }
        }
        self.init(high: half(groups[..<4]), low: half(groups[4...]))
    }

    /// Four decimal numbers of one to three digits, none above 255.
    private static func dotted(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard 1...3 ~= part.count, part.count == 1 || part.first != UInt8(ascii: "0") else {
                return nil
            }
            var number: UInt32 = 0
            for byte in part {
                guard let digit = digit(byte), digit < 10 else { return nil }
                number = number * 10 + UInt32(digit)
            }
            guard number <= 255 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    /// The eight groups of an IPv6 address, `::` filled with zeros.
    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        let colon = UInt8(ascii: ":")
        var gap: Int?
        var at = text.startIndex
        while at + 1 < text.endIndex, gap == nil {
            if text[at] == colon, text[at + 1] == colon { gap = at }
            at += 1
        }
        guard let gap else {
            guard let groups = list(text), groups.count == 8 else { return nil }
            return groups
        }
        guard let before = list(text[..<gap]), let after = list(text[(gap + 2)...]),
            before.count + after.count <= 7, !text[..<gap].contains(UInt8(ascii: "."))
        else { return nil }
        return before + Array(repeating: 0, count: 8 - before.count - after.count) + after
    }

    /// Groups separated by single colons; dotted decimal may take the place of the last two.
    private static func list(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if part.contains(UInt8(ascii: ".")) {
                guard index == parts.count - 1, let ipv4 = dotted(part) else { return nil }
                groups += [UInt16(ipv4 >> 16), UInt16(ipv4 & 0xffff)]
                continue
            }
            guard 1...4 ~= part.count else { return nil }
            var group: UInt16 = 0
            for byte in part {
                guard let digit = digit(byte) else { return nil }
                group = group << 4 | UInt16(digit)
            }
            groups.append(group)
        }
        return groups.count <= 8 ? groups : nil
    }

    /// The value of a hexadecimal digit.
    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
