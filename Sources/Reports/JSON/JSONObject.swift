internal import POSIX
internal import Wire

/// Writes one JSON object, field by field, in the order of the calls. RFC 8259. What a terminal does not
/// show is escaped; a byte of a file name that is not UTF-8 is U+FFFD.
public struct JSONObject: Sendable {
    /// The text so far, without the closing brace. UTF-8.
    private var text: [UInt8]

    /// An object without fields.
    public init() { text = [UInt8(ascii: "{")] }

    /// The object's text.
    public var description: String { String(decoding: text + "}".utf8, as: UTF8.self) }

    /// The object's text as a line of its own.
    public var line: String { String(decoding: text + "}\n".utf8, as: UTF8.self) }

    /// Appends an object as a line of its own.
    ///
    /// - Parameter body: adds the fields.
    static func appendLine(to text: inout [UInt8], _ body: (inout JSONObject) -> Void) {
        var object = JSONObject(text: [])
        // Written in place, behind the lines before it.
        swap(&object.text, &text)
        object.text.append(UInt8(ascii: "{"))
        body(&object)
        object.append("}\n")
        swap(&object.text, &text)
    }

    private init(text: [UInt8]) { self.text = text }

    /// Adds a string.
    public mutating func add(_ key: JSONKey, _ value: String) {
        let utf8 = value.utf8.span
        guard JSONObject.isPlain(utf8) else {
            begin(key)
            return append(quoted: value)
        }
        add(key, room: utf8.count + 2) { text in
            text.append(UInt8(ascii: "\""))
            text.append(utf8)
            text.append(UInt8(ascii: "\""))
        }
    }

    /// Adds a string; nil is written as null.
    public mutating func add(_ key: JSONKey, _ value: String?) {
        if let value {
            add(key, value)
        } else {
            addNull(key)
        }
    }

    /// Adds a string that is written as printable ASCII without quotation mark and backslash.
    ///
    /// - Parameter room: at least the bytes that are written.
    @inline(__always)
    mutating func add(
        _ key: JSONKey, asciiRoom room: Int, _ write: (inout OutputSpan<UInt8>) -> Void
    ) {
        add(key, room: room + 2) { text in
            text.append(UInt8(ascii: "\""))
            write(&text)
            text.append(UInt8(ascii: "\""))
        }
    }

    /// Adds a number; nil is written as null.
    public mutating func add(_ key: JSONKey, _ value: (some BinaryInteger)?) {
        guard let value else { return addNull(key) }
        add(key, room: 21) { text in
            if value < 0 { text.append(UInt8(ascii: "-")) }
            text.append(decimal: UInt64(truncatingIfNeeded: value.magnitude))
        }
    }

    /// Adds a number by its text, which is a number as RFC 8259, section 6, has it.
    mutating func add(_ key: JSONKey, number text: String) {
        begin(key)
        self.text.append(contentsOf: text.utf8)
    }

    /// Adds null.
    mutating func addNull(_ key: JSONKey) { add(key, room: 4) { $0.append("null") } }

    /// Adds true or false.
    public mutating func add(_ key: JSONKey, _ value: Bool) {
        add(key, room: 5) { $0.append(value ? "true" : "false") }
    }

    /// Adds an object.
    public mutating func add(_ key: JSONKey, _ value: JSONObject) {
        begin(key)
        append(value)
    }

    /// Adds an array of strings.
    public mutating func add(_ key: JSONKey, _ values: [String]) {
        add(key, values, orNull: false)
    }

    /// Adds an array of strings, and null behind them.
    mutating func add(_ key: JSONKey, _ values: [String], orNull: Bool) {
        begin(key)
        text.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            append(quoted: value)
        }
        if orNull { append(values.isEmpty ? "null" : ",null") }
        text.append(UInt8(ascii: "]"))
    }

    /// Adds an array of objects.
    public mutating func add(_ key: JSONKey, _ values: [JSONObject]) {
        begin(key)
        text.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            append(value)
        }
        text.append(UInt8(ascii: "]"))
    }

    private mutating func begin(_ key: JSONKey) { add(key, room: 0) { _ in } }

    /// Adds a field in one piece.
    ///
    /// - Parameter room: at least the bytes of its value.
    @inline(__always)
    private mutating func add(
        _ key: JSONKey, room: Int, _ write: (inout OutputSpan<UInt8>) -> Void
    ) {
        let isFirst = text.last == UInt8(ascii: "{")
        text.append(addingCapacity: JSONKey.room + room) { text in
            text.append(key, isFirst: isFirst)
            write(&text)
        }
    }

    private mutating func append(_ ascii: StaticString) {
        unsafe text.append(
            contentsOf: UnsafeBufferPointer(start: ascii.utf8Start, count: ascii.utf8CodeUnitCount))
    }

    private mutating func append(_ value: JSONObject) {
        text.append(contentsOf: value.text)
        text.append(UInt8(ascii: "}"))
    }

    private mutating func append(quoted value: String) {
        text.append(UInt8(ascii: "\""))
        let utf8 = value.utf8.span
        if JSONObject.isPlain(utf8) {
            text.append(addingCapacity: utf8.count) { $0.append(utf8) }
        } else {
            append(escaped: value)
        }
        text.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ text: Span<UInt8>) -> Bool {
        text.indices.allSatisfy { isPlain(text[$0]) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func append(escaped value: String) {
        let utf8 = value.utf8.span
        var (start, index) = (0, 0)
        while index < utf8.count {
            guard !JSONObject.isPlain(utf8[index]) else {
                index += 1
                continue
            }
            append(utf8, start..<index)
            let scalar = value.unicodeScalars[
                value.utf8.index(value.startIndex, offsetBy: index)]
            append(escaped: scalar)
            index += UTF8.width(scalar)
            start = index
        }
        append(utf8, start..<utf8.count)
    }

    private mutating func append(_ utf8: Span<UInt8>, _ range: Range<Int>) {
        text.append(addingCapacity: range.count) { text in
            for index in range { text.append(utf8[index]) }
        }
    }

    private mutating func append(escaped scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": append("\\\"")
        case "\\": append("\\\\")
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        case _ where scalar.isVisible: text.append(contentsOf: UTF8.encode(scalar)!)
        case _ where PathText.byte(scalar) != nil: append("\\ufffd")
        default:
            for unit in UTF16.encode(scalar)! {
                text.append(contentsOf: "\\u\(hexadecimal(UInt32(unit), digits: 4))".utf8)
            }
        }
    }
}
