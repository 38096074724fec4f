/// Whether text is a well-formed XML 1.0 document without document type, comments or sections of characters
/// (https://www.w3.org/TR/xml/).
struct XMLCheck {
    private var rest: Substring.UnicodeScalarView

    /// Section 2.1: one element, its parts nested.
    static func isDocument(_ text: String) -> Bool {
        var check = XMLCheck(rest: text[...].unicodeScalars)
        _ = check.accept("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        var open: [String] = []
        var hasRoot = false
        while !check.rest.isEmpty {
            if check.accept("</") {
                guard let name = check.name(), open.popLast() == name, check.accept(">") else {
                    return false
                }
            } else if check.accept("<") {
                guard let name = check.name(), check.attributes() else { return false }
                if open.isEmpty {
                    if hasRoot { return false }
                    hasRoot = true
                }
                if check.accept("/>") { continue }
                guard check.accept(">") else { return false }
                open.append(name)
            } else {
                guard let isBlank = check.characters(until: "<") else { return false }
                if open.isEmpty && !isBlank { return false }
            }
        }
        return hasRoot && open.isEmpty
    }

    /// Section 3.1: names differ, values are quoted.
    private mutating func attributes() -> Bool {
        var names: Set<String> = []
        while accept(" ") {
            guard let name = name(), names.insert(name).inserted, accept("=\""),
                characters(until: "\"") != nil, accept("\"")
            else { return false }
        }
        return true
    }

    private mutating func name() -> String? {
        let name = rest.prefix {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        }
        rest = rest[name.endIndex...]
        return name.isEmpty ? nil : String(name)
    }

    /// Text up to a delimiter or the end; nil where it is not allowed. Tells whether it is white space.
    private mutating func characters(until end: Unicode.Scalar) -> Bool? {
        var isBlank = true
        while let scalar = rest.first, scalar != end {
            if scalar == "<" || !Self.isAllowed(scalar.value) { return nil }
            rest.removeFirst()
            isBlank = isBlank && (scalar == " " || scalar == "\n")
            guard scalar == "&" else { continue }
            let name = rest.prefix { $0 != ";" && $0 != end }
            guard Self.isReference(String(name)) else { return nil }
            rest = rest[name.endIndex...]
            guard accept(";") else { return nil }
        }
        return isBlank
    }

    /// Sections 4.1 and 4.6.
    private static func isReference(_ name: String) -> Bool {
        if ["amp", "lt", "gt", "quot", "apos"].contains(name) { return true }
        guard name.hasPrefix("#x"), let value = UInt32(name.dropFirst(2), radix: 16) else {
            return false
        }
        return isAllowed(value)
    }

    /// Section 2.2, Char.
    private static func isAllowed(_ value: UInt32) -> Bool {
        switch value {
        case 0x9, 0xa, 0xd, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
        default: false
        }
    }

    private mutating func accept(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest = rest.dropFirst(text.unicodeScalars.count)
        return true
    }
}
