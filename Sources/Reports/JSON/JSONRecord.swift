internal import Wire

/// A kind of JSON object: its fields in their order, and how they are read from a row. What is written and the schema
/// come from the same list.
struct JSONRecord<Row>: Sendable {
    /// One field.
    struct Field: Sendable {
        let term: JSONTerm
        /// Whether rows may be without it.
        let isOptional: Bool
        let value: @Sendable (Row) -> JSONValue
        /// The term's, without a reference to it.
        let names: JSONFieldNames

        init(term: JSONTerm, isOptional: Bool, value: @escaping @Sendable (Row) -> JSONValue) {
            self.term = term
            self.isOptional = isOptional
            self.value = value
            names = term.names
        }
    }

    let name: String
    let meaning: String
    let fields: [Field]

    init(_ name: String, _ meaning: String, _ fields: [Field]) {
        self.name = name
        self.meaning = meaning
        self.fields = fields
    }

    /// The row as an object.
    func object(_ row: Row, _ style: JSONStyle) -> JSONObject {
        var object = JSONObject()
        add(row, style, to: &object)
        return object
    }

    private func add(_ row: Row, _ style: JSONStyle, to object: inout JSONObject) {
        var isIPv4: Bool?
        // A span's elements are not copied: threads that write such rows share no counter of references.
        let fields = fields.span
        for index in fields.indices {
            let value = fields[index].value(row)
            style.add(fields[index].names[style.names], value, to: &object)
            if isIPv4 == nil { isIPv4 = value.isIPv4 }
        }
        if let isIPv4 { style.names.addConstants(isIPv4: isIPv4, to: &object) }
    }

    /// The row as a line of its own.
    func line(_ row: Row, _ style: JSONStyle) -> String {
        var text: [UInt8] = []
        appendLine(row, style, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the row as a line of its own, in UTF-8. Faster than a text of its own where rows are many.
    func appendLine(_ row: Row, _ style: JSONStyle, to text: inout [UInt8]) {
        JSONObject.appendLine(to: &text) { object in
            add(row, style, to: &object)
            object.add(JSONTerms.schema.names[style.names].key, JSONSchema.version)
        }
    }

    /// The row as a line under its record's name: a part of a document, whose first line tells the schema.
    func namedLine(_ row: Row, _ style: JSONStyle) -> String {
        var line = JSONObject()
        line.add(JSONKey(name), object(row, style))
        return line.line
    }
}

extension JSONRecord.Field {
    /// The same field of what a row can be read from.
    func of<Whole>(_ row: @escaping @Sendable (Whole) -> Row) -> JSONRecord<Whole>.Field {
        let value = value
        return JSONRecord<Whole>.Field(term: term, isOptional: isOptional) { value(row($0)) }
    }

    /// A field that every row has.
    static func field(
        _ term: JSONTerm, _ value: @escaping @Sendable (Row) -> JSONValue
    ) -> Self {
        Self(term: term, isOptional: false, value: value)
    }

    /// A field that rows may be without.
    static func optional(
        _ term: JSONTerm, _ value: @escaping @Sendable (Row) -> JSONValue
    ) -> Self {
        Self(term: term, isOptional: true, value: value)
    }
}

extension JSONValue {
    /// The family of an address; nil where it has none.
    fileprivate var isIPv4: Bool? {
        switch self {
        case .address(let address), .end(let address, _): address.isIPv4
        default: nil
        }
    }
}

extension JSONNames {
    /// Adds what other schemes say of every connection.
    fileprivate func addConstants(isIPv4: Bool, to object: inout JSONObject) {
        switch self {
        case .wirestate: return
        case .ecs:
            object.add("event.kind", "event")
            object.add("event.category", ["network"])
            object.add("event.type", ["connection"])
            object.add("network.iana_number", "6")
        case .otel: break
        }
        object.add("network.transport", "tcp")
        object.add("network.type", isIPv4 ? "ipv4" : "ipv6")
    }
}
