/// A value of a JSON text (RFC 8259), for reading back what ``JSONObject`` has written.
enum ParsedJSON: Equatable {
    case null
    case bool(Bool)
    /// A number that is an integer of 64 bits; any other is read as null.
    case integer(Int64)
    case string(String)
    case array([ParsedJSON])
    /// Of several members with one name, the last.
    case object([String: ParsedJSON])

    /// Reads a text that is one value, and nothing else.
    ///
    /// - Returns: nil for anything else, and where values are nested more than 16 deep. Complexity: linear.
    init?(_ text: some StringProtocol) {
        var reader = JSONReader(bytes: Array(text.utf8))
        guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
        self = value
    }

    /// A member of an object.
    subscript(name: String) -> ParsedJSON? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    /// The text, where it is one.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number, where it is one.
    var number: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    private var position = 0

    private static let depthLimit = 16

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return position == bytes.count
        }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }

    private mutating func accept(_ byte: Character) -> Bool {
        skipSpace()
        guard next == byte.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func accept(word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    mutating func value(depth: Int) -> ParsedJSON? {
        guard depth < JSONReader.depthLimit else { return nil }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return object(depth)
        case UInt8(ascii: "["): return array(depth)
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return accept(word: "true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return accept(word: "false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return accept(word: "null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(_ depth: Int) -> ParsedJSON? {
        position += 1
        var members: [String: ParsedJSON] = [:]
        if accept("}") { return .object(members) }
        repeat {
            skipSpace()
            guard let name = string(), accept(":"), let value = value(depth: depth + 1) else {
                return nil
            }
            members[name] = value
        } while accept(",")
        return accept("}") ? .object(members) : nil
    }

    private mutating func array(_ depth: Int) -> ParsedJSON? {
        position += 1
        var values: [ParsedJSON] = []
        if accept("]") { return .array(values) }
        repeat {
            guard let value = value(depth: depth + 1) else { return nil }
            values.append(value)
        } while accept(",")
        return accept("]") ? .array(values) : nil
    }

    private mutating func number() -> ParsedJSON? {
        let start = position
        while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
        guard position > start else { return nil }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return Int64(text).map { .integer($0) } ?? .null
    }

    private mutating func string() -> String? {
        guard next == UInt8(ascii: "\"") else { return nil }
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                text.append(contentsOf: String(Character(scalar)).utf8)
            case ..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    /// What stands behind a backslash.
    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"):
            guard let high = unit() else { return nil }
            guard 0xd800..<0xdc00 ~= high else { return Unicode.Scalar(high) }
            guard accept(word: "\\u"), let low = unit(), 0xdc00..<0xe000 ~= low else { return nil }
            return Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
        default: return nil
        }
    }

    private mutating func unit() -> UInt32? {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4,
            digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { return nil }
        position += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
