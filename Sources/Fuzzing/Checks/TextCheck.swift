/// What text for people must be, whatever the names in it.
enum TextCheck {
    /// The sequences that reports colour with: SGR of ECMA-48, section 8.3.117.
    private static let colours = ["0", "1", "2", "32", "1;31", "1;33"]

    /// Whether a terminal only shows the text: of control characters new lines and colours, nothing that is
    /// not shown, no mark of direction.
    static func isHarmless(_ text: String) -> Bool {
        var rest = text[...].unicodeScalars
        while let scalar = rest.popFirst() {
            if scalar == "\n" { continue }
            if scalar == "\u{1b}" {
                guard rest.popFirst() == "[" else { return false }
                let codes = String(rest.prefix { $0 != "m" })
                guard colours.contains(codes) else { return false }
                rest = rest.dropFirst(codes.unicodeScalars.count + 1)
                continue
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
                return false
            default: break
            }
        }
        return true
    }

    /// Whether Markdown keeps its structure: harmless text, code spans that end on their line, tables of as
    /// many cells in each row. GitHub Flavored Markdown, section 4.10: a `\|` is no border.
    static func isMarkdown(_ text: String) -> Bool {
        guard isHarmless(text) else { return false }
        var cells: Int?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.utf8.count(where: { $0 == UInt8(ascii: "`") }) % 2 == 0 else { return false }
            guard line.hasPrefix("|") else {
                cells = nil
                continue
            }
            let borders = borders(in: line)
            if let cells, cells != borders { return false }
            cells = borders
            if line.last != "|" { return false }
        }
        return true
    }

    private static func borders(in line: Substring) -> Int {
        var count = 0
        var before: UInt8 = 0
        for byte in line.utf8 {
            if byte == UInt8(ascii: "|"), before != UInt8(ascii: "\\") { count += 1 }
            before = byte
        }
        return count
    }
}
