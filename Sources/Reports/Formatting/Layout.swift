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

    /// With a capital at its beginning.
    var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// Without the spaces at its end.
    var withoutTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
