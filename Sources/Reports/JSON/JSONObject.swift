internal import POSIX

/// Writes one JSON object, field by field, in the order of the calls. RFC 8259. What a terminal does not
/// show is escaped; a byte of a file name that is not UTF-8 is U+FFFD.
public struct JSONObject: Sendable {
    /// The text so far, without the closing brace.
    private var text = "{"

    /// An object without fields.
    public init() {}

    /// The object's text.
    public var description: String { text + "}" }

    /// Adds a string.
    public mutating func add(_ name: String, _ value: String) {
        key(name)
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.isVisible: text.unicodeScalars.append(scalar)
            case _ where PathText.byte(scalar) != nil: text += "\\ufffd"
            default:
                for unit in UTF16.encode(scalar)! {
                    text += "\\u" + hexadecimal(UInt32(unit), digits: 4)
                }
            }
        }
        text += "\""
    }

    /// Adds a string; nil is written as null.
    public mutating func add(_ name: String, _ value: String?) {
        if let value {
            add(name, value)
        } else {
            key(name)
            text += "null"
        }
    }

    /// Adds a number; nil is written as null.
    public mutating func add(_ name: String, _ value: (some BinaryInteger)?) {
        key(name)
        text += value.map { String($0) } ?? "null"
    }

    /// Adds a number by its text, which is a number as RFC 8259, section 6, has it.
    mutating func add(_ name: String, number text: String) {
        key(name)
        self.text += text
    }

    /// Adds null.
    mutating func addNull(_ name: String) {
        key(name)
        text += "null"
    }

    /// Adds an array of strings, and null behind them.
    mutating func add(_ name: String, _ values: [String], orNull: Bool) {
        add(name, values)
        guard orNull else { return }
        text.removeLast()
        text += (values.isEmpty ? "" : ",") + "null]"
    }

    /// Adds true or false.
    public mutating func add(_ name: String, _ value: Bool) {
        key(name)
        text += value ? "true" : "false"
    }

    /// Adds an object.
    public mutating func add(_ name: String, _ value: JSONObject) {
        key(name)
        text += value.description
    }

    /// Adds an array of strings.
    public mutating func add(_ name: String, _ values: [String]) {
        key(name)
        text += "["
        for (index, value) in values.enumerated() {
            var item = JSONObject()
            item.add("", value)
            // The text after `{"":` is the string alone.
            text += (index == 0 ? "" : ",") + item.text.dropFirst(4)
        }
        text += "]"
    }

    /// Adds an array of objects.
    public mutating func add(_ name: String, _ values: [JSONObject]) {
        key(name)
        text += "[" + values.map(\.description).joined(separator: ",") + "]"
    }

    private mutating func key(_ name: String) {
        if text.utf8.count > 1 { text += "," }
        text += "\"" + name + "\":"
    }
}
