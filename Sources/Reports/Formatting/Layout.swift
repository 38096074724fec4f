/// The width of every text report, in columns.
let columns = 80

package extension String {
    /// Filled with spaces up to a width.
    func left(_ width: Int) -> String { self + spaces(width - count) }

    /// Moved to the right edge of a width.
    func right(_ width: Int) -> String { spaces(width - count) + self }

    /// Cut in the middle to a width, where it is longer.
    func elided(_ width: Int) -> String {
        guard count > width else { return self }
        guard width > 0 else { return "" }
        let tail = width * 2 / 3
        return prefix(width - tail - 1) + "…" + suffix(tail)
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}

/// Breaks text between words into lines that fit the columns behind an indentation.
func wrapped(_ text: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty, line.count + 1 + word.count > columns - indent {
            lines.append(line)
            line = ""
        }
        line += line.isEmpty ? "" : " "
        line += word
    }
    lines.append(line)
    return lines.map { String(repeating: " ", count: indent) + $0 }
}
