/// A text format whose arrows and marks are ASCII characters where the layout says so.
public struct ASCIIText<Base: Format>: Format {
    private var base: Base
    private let isOn: Bool

    /// Wraps a format.
    public init(_ base: Base, _ layout: TextLayout) {
        self.base = base
        isOn = layout.isASCII
    }

    /// Writes what comes before the first row.
    public mutating func begin(_ sink: inout some Sink & ~Copyable) {
        guard isOn else { return base.begin(&sink) }
        var text = TextSink()
        base.begin(&text)
        sink.write(text.text.inASCII)
    }

    /// Writes one piece of content.
    public mutating func write(_ content: Base.Content, to sink: inout some Sink & ~Copyable) {
        guard isOn else { return base.write(content, to: &sink) }
        var text = TextSink()
        base.write(content, to: &text)
        sink.write(text.text.inASCII)
    }

    /// Writes what comes after the last row.
    public mutating func end(_ sink: inout some Sink & ~Copyable) {
        guard isOn else { return base.end(&sink) }
        var text = TextSink()
        base.end(&text)
        sink.write(text.text.inASCII)
    }
}

extension String {
    /// The text with this program's own marks in ASCII; one character for one, so that columns stay. What
    /// others chose, such as a file's name, is left as it is.
    public var inASCII: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        return String(map { Character.inASCII[$0] ?? $0 })
    }
}

extension Character {
    fileprivate static let inASCII: [Character: Character] = [
        "→": ">", "←": "<", "▶": ">", "◀": "<", "↔": "-", "─": "-", "│": "|", "⋮": ":", "…": "~",
        "×": "x", "±": "~", "·": "-", "µ": "u", "▏": "_", "↑": "^", "↓": "v",
        "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "█": "#",
    ]
}
