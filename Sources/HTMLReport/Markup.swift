/// HTML or SVG text in which everything that is not markup has been escaped: the type tells the two apart.
package struct Markup: Sendable {
    /// UTF-8.
    private var bytes: [UInt8] = []

    /// The text so far.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Nothing.
    package static let none = Markup(markup: "")

    /// Words for people: what would be markup is escaped, what would disturb a reader (control characters and the marks that
    /// turn the direction of text) is shown as U+FFFD.
    package init(_ words: some StringProtocol) { append(words: String(words)) }

    /// Markup that stands in this program.
    init(markup: StaticString) { append(markup) }

    /// The text of a style sheet, a script or JSON that holds no `</`.
    package init(raw text: String) {
        bytes = Array(text.replacing("</", with: "<\\/").utf8)
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

    private mutating func append(words: String) {
        let utf8 = words.utf8.span
        if utf8.indices.allSatisfy({ Markup.isPlain(utf8[$0]) }) {
            bytes.append(addingCapacity: utf8.count) { bytes in
                for index in utf8.indices { bytes.append(utf8[index]) }
            }
            return
        }
        for scalar in words.unicodeScalars {
            if let text = Markup.escape(scalar) {
                append(text)
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar)!)
            }
        }
    }

    /// What stands for a scalar; nil for itself.
    private static func escape(_ scalar: Unicode.Scalar) -> StaticString? {
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
    fileprivate mutating func open(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>
    ) {
        append("<")
        append(name)
        for (attribute, value) in attributes {
            append(" ")
            append(attribute)
            append("=\"")
            append(words: value)
            append("\"")
        }
        append(">")
    }

    /// Makes room for an element around some content, so that it is allocated once as a rule.
    fileprivate mutating func reserve(_ content: Markup) {
        bytes.reserveCapacity(bytes.count + content.bytes.count + 96)
    }

    /// Appends markup that stands in this program.
    fileprivate mutating func append(_ markup: StaticString) {
        unsafe bytes.append(
            contentsOf: UnsafeBufferPointer(
                start: markup.utf8Start, count: markup.utf8CodeUnitCount))
    }

    /// Appends.
    package static func += (a: inout Markup, b: Markup) { a.bytes += b.bytes }

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
    result.reserve(content)
    result.open(name, attributes)
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
    result.open(name, attributes)
    return result
}

extension Sequence<Markup> {
    /// All of them, one behind the other.
    package var joined: Markup { reduce(into: .none) { $0 += $1 } }
}
