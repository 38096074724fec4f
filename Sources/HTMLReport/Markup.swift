/// HTML or SVG text in which everything that is not markup has been escaped: the type tells the two apart.
package struct Markup: Sendable {
    /// The text so far.
    package private(set) var text: String

    /// Nothing.
    package static let none = Markup(markup: "")

    /// Words for people: what would be markup is escaped, what would disturb a reader (control characters and the marks that
    /// turn the direction of text) is shown as U+FFFD.
    package init(_ words: some StringProtocol) {
        if words.utf8.allSatisfy(Markup.isPlain) {
            text = String(words)
            return
        }
        text = ""
        text.reserveCapacity(words.utf8.count)
        var rest = Substring(String(words))
        while let (index, escape) = Markup.firstEscape(in: rest) {
            text += rest[..<index]
            text += escape
            rest = rest[rest.unicodeScalars.index(after: index)...]
        }
        text += rest
    }

    /// Markup that stands in this program.
    init(markup: StaticString) { text = markup.description }

    /// The text of a style sheet, a script or JSON that holds no `</`.
    package init(raw text: String) {
        self.text = text.replacing("</", with: "<\\/")
    }

    /// Whether a byte stands for itself, as nearly all do.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
            UInt8(ascii: "'"):
            false
        default: (0x20..<0x7f).contains(byte)
        }
    }

    /// The first place at which other text is to stand, and that.
    private static func firstEscape(in words: Substring) -> (Substring.Index, String)? {
        for index in words.unicodeScalars.indices {
            if let text = escape(words.unicodeScalars[index]) { return (index, text) }
        }
        return nil
    }

    /// What stands for a scalar; nil for itself.
    private static func escape(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": "&quot;"
        case "'": "&#39;"
        case "\n", "\t": nil
        default: isDisturbing(scalar) ? "\u{FFFD}" : nil
        }
    }

    private static func isDisturbing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// Appends a start tag.
    ///
    /// - Parameter room: octets that are to follow it, beside its end tag.
    fileprivate mutating func open(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>, room: Int
    ) {
        // One allocation for all of it, if no value has to be escaped.
        let values = attributes.reduce(0) {
            $0 + $1.key.utf8CodeUnitCount + $1.value.utf8.count + 4
        }
        text.reserveCapacity(text.utf8.count + values + 2 * name.utf8CodeUnitCount + room + 5)
        append("<")
        append(name)
        for (attribute, value) in attributes {
            append(" ")
            append(attribute)
            append("=\"")
            self += Markup(value)
            append("\"")
        }
        append(">")
    }

    /// Appends markup that stands in this program.
    fileprivate mutating func append(_ markup: StaticString) {
        text += markup.description
    }

    /// Appends.
    package static func += (a: inout Markup, b: Markup) { a.text += b.text }

    /// One behind the other.
    package static func + (a: Markup, b: Markup) -> Markup {
        var sum = a
        sum += b
        return sum
    }
}

/// An element: a name and attributes of this program, attribute values and content from anywhere.
package func tag(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:],
    _ content: Markup = .none
) -> Markup {
    var result = Markup.none
    result.open(name, attributes, room: content.text.utf8.count)
    result += content
    result.append("</")
    result.append(name)
    result.append(">")
    return result
}

/// The same around words.
package func tag(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ words: String
) -> Markup {
    tag(name, attributes, Markup(words))
}

/// An element without attributes around words.
package func tag(_ name: StaticString, _ words: String) -> Markup { tag(name, [:], Markup(words)) }

/// A start tag, or an element without content.
package func open(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:])
    -> Markup
{
    var result = Markup.none
    result.open(name, attributes, room: 0)
    return result
}

extension Sequence<Markup> {
    /// All of them, one behind the other.
    package var joined: Markup { reduce(into: .none) { $0 += $1 } }
}
