/// Whether bytes are one JSON text, as RFC 8259 defines it, in UTF-8 (section 8.1). Written for the checks
/// alone: what writes JSON has no part in it.
struct JSONCheck {
    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether each line is a JSON object, and the last one ends.
    static func isLines(_ text: String) -> Bool {
        if text.isEmpty { return true }
        guard text.utf8.last == UInt8(ascii: "\n") else { return false }
        return text.utf8.dropLast().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        ).allSatisfy { line in
            var check = JSONCheck(Array(line))
            return line.first == UInt8(ascii: "{") && check.value(depth: 0)
                && check.position == check.bytes.count
        }
    }

    private mutating func value(depth: Int) -> Bool {
        guard depth < 64, position < bytes.count else { return false }
        switch bytes[position] {
        case UInt8(ascii: "{"): return object(depth)
        case UInt8(ascii: "["): return array(depth)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default: return number()
        }
    }

    private mutating func object(_ depth: Int) -> Bool {
        var names: Set<ArraySlice<UInt8>> = []
        return list(until: "}") { check in
            let start = check.position
            // Section 4: names should be unique.
            guard check.string(), names.insert(check.bytes[start..<check.position]).inserted,
                check.accept(":")
            else { return false }
            return check.value(depth: depth + 1)
        }
    }

    private mutating func array(_ depth: Int) -> Bool {
        list(until: "]") { $0.value(depth: depth + 1) }
    }

    private mutating func list(
        until end: Unicode.Scalar, _ item: (inout JSONCheck) -> Bool
    ) -> Bool {
        position += 1
        if accept(end) { return true }
        repeat {
            guard item(&self) else { return false }
        } while accept(",")
        return accept(end)
    }

    private mutating func string() -> Bool {
        guard accept("\"") else { return false }
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = bytes[start..<position]
                position += 1
                return String(validating: text, as: UTF8.self) != nil
            case UInt8(ascii: "\\"):
                guard escape() else { return false }
            case 0..<0x20: return false
            default: position += 1
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        guard position + 1 < bytes.count else { return false }
        let character = Unicode.Scalar(bytes[position + 1])
        position += 2
        guard character == "u" else { return "\"\\/bfnrt".unicodeScalars.contains(character) }
        guard let unit = hexadecimal() else { return false }
        guard UTF16.isLeadSurrogate(unit) else { return !UTF16.isTrailSurrogate(unit) }
        guard accept("\\"), accept("u"), let next = hexadecimal() else { return false }
        return UTF16.isTrailSurrogate(next)
    }

    private mutating func hexadecimal() -> UInt16? {
        guard position + 4 <= bytes.count else { return nil }
        defer { position += 4 }
        return UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    }

    /// Section 6.
    private mutating func number() -> Bool {
        _ = accept("-")
        if !accept("0") {
            guard digits() else { return false }
        }
        if accept("."), !digits() { return false }
        if accept("e") || accept("E") {
            if !accept("+") { _ = accept("-") }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = position
        while position < bytes.count,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
        { position += 1 }
        return position > start
    }

    private mutating func word(_ text: String) -> Bool {
        for scalar in text.unicodeScalars where !accept(scalar) { return false }
        return true
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }
}
