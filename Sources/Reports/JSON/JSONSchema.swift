internal import TCPState

/// The JSON Schema (draft 2020-12) of all rows, made from the records that write them.
public enum JSONSchema {
    /// Raised when a field is taken away, or its name, type or meaning changes; fields may be added without.
    static let version = 1

    /// The whole document. Each record is one of its `$defs`.
    public static var document: String {
        var definitions = JSONObject()
        for (name, schema) in all { definitions.add(JSONKey(name), schema) }
        var document = JSONObject()
        document.add("$schema", "https://json-schema.org/draft/2020-12/schema")
        document.add("title", "JSON output of wirestate, version \(version)")
        document.add(
            "anyOf", (lines + ["report_line"]).map { reference($0) })
        document.add("$defs", definitions)
        return document.line
    }

    /// Records that are lines of their own, by the commands that print them.
    static let lines = [
        "connection", "transition", "socket", "state_counts", "stuck", "finding_change",
        "disagreement", "notice", "interface", "split",
    ]

    /// Records that are lines of a report under their own names.
    static let namedLines = [
        "verdict", "capture", "state_counts", "finding", "endings", "quality", "explanation",
        "state_guide", "kind_guide", "comparison", "path", "path_segment", "path_explanation",
        "event_log", "logged_finding", "logged_stuck",
    ]

    private static var all: [(String, JSONObject)] {
        [
            schema(JSONRecords.connection), schema(JSONRecords.traffic), schema(JSONRecords.end),
            schema(JSONRecords.transition), schema(JSONRecords.socket),
            schema(JSONRecords.stateCounts), schema(JSONRecords.capture),
            schema(JSONRecords.finding), schema(JSONRecords.statePair), schema(JSONRecords.rival),
            schema(JSONRecords.findingConnection), schema(JSONRecords.quality),
            schema(JSONRecords.verdict), schema(JSONRecords.rule), schema(JSONRecords.split),
            schema(JSONRecords.shard), schema(JSONRecords.stuck),
            schema(JSONRecords.findingChange),
            schema(JSONRecords.disagreement), schema(JSONRecords.notice),
            schema(JSONRecords.interface), schema(JSONRecords.explanation),
            schema(JSONRecords.segment), schema(JSONRecords.withdrawal),
            schema(JSONRecords.stateGuide), schema(JSONRecords.kindGuide),
            schema(JSONRecords.threshold), schema(JSONRecords.eventLog),
            schema(JSONRecords.loggedFinding), schema(JSONRecords.loggedStuck),
            schema(JSONRecords.comparison),
            schema(JSONRecords.tapCapture), schema(JSONRecords.tapPair),
            schema(JSONRecords.clockPiece), schema(JSONRecords.path),
            schema(JSONRecords.sighting), schema(JSONRecords.pathVerdict),
            schema(JSONRecords.pathFrame), schema(JSONRecords.optionChange),
            schema(JSONRecords.pathSegment), schema(JSONRecords.pathExplanation),
            schema(JSONRecords.tracedSegment), schema(JSONRecords.pathGap),
            schema(JSONRecords.pathFinding), ("endings", endings), ("report_line", reportLine),
        ]
    }

    private static func schema<Row>(_ record: JSONRecord<Row>) -> (String, JSONObject) {
        var properties = JSONObject()
        var required: [String] = []
        for field in record.fields {
            let term = field.term
            properties.add(term.names[.wirestate].key, property(term))
            if case .integer = term.type {
                properties.add(
                    JSONKey(term.name + "_text"),
                    described("string", "\(term.name) beyond 2^53, with all its digits"))
            }
            if !field.isOptional { required.append(term.name) }
            guard let twin = term.twin else { continue }
            properties.add(JSONKey(twin), twinProperty(term))
            if !field.isOptional { required.append(twin) }
        }
        if lines.contains(record.name) {
            properties.add(JSONTerms.schema.names[.wirestate].key, property(JSONTerms.schema))
        }
        var object = JSONObject()
        object.add("description", record.meaning)
        object.add("type", "object")
        object.add("properties", properties)
        object.add("required", required)
        object.add("additionalProperties", false)
        return (record.name, object)
    }

    private static func property(_ term: JSONTerm) -> JSONObject {
        var object = JSONObject()
        func add(type: String) {
            term.isNullable ? object.add("type", [type, "null"]) : object.add("type", type)
        }
        object.add("description", term.meaning)
        switch term.type {
        case .text: add(type: "string")
        case .words(let words):
            add(type: "string")
            object.add("enum", words, orNull: term.isNullable)
        case .flag: add(type: "boolean")
        case .integer, .time, .duration: add(type: "integer")
        case .frame:
            add(type: "integer")
            object.add("minimum", 1)
        case .port:
            add(type: "integer")
            object.add("minimum", 0)
            object.add("maximum", 65_535)
        case .address: add(type: "string")
        case .end:
            add(type: "string")
            object.add("pattern", "^(\\[.+\\]|[^:]+):[0-9]+$")
        case .state:
            add(type: "string")
            object.add("enum", stateNames, orNull: term.isNullable)
        case .texts:
            add(type: "array")
            object.add("items", described("string", nil))
        case .counts:
            add(type: "object")
            object.add("additionalProperties", described("integer", nil))
        case .record(let name):
            if term.isNullable {
                object.add("anyOf", [reference(name), described("null", nil)])
            } else {
                object.add("$ref", "#/$defs/\(name)")
            }
        case .records(let name):
            add(type: "array")
            object.add("items", reference(name))
        }
        return object
    }

    private static func twinProperty(_ term: JSONTerm) -> JSONObject {
        var object = JSONObject()
        // Where files follow one another in time, the frame's number says enough.
        let isNullable = term.isNullable || term.isFrame
        func add(type: String) {
            isNullable ? object.add("type", [type, "null"]) : object.add("type", type)
        }
        switch term.type {
        case .time:
            object.add("description", "\(term.name) in RFC 3339, with nanoseconds")
            add(type: "string")
            object.add("pattern", "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z$")
        case .duration:
            object.add("description", "\(term.name) in seconds, with all its digits")
            add(type: "string")
            object.add("pattern", "^-?\\d+\\.\\d{9}$")
        default:
            object.add(
                "description",
                "the file of \(term.name), from 1; null where frames count on from file to file")
            add(type: "integer")
            object.add("minimum", 1)
        }
        return object
    }

    private static var endings: JSONObject {
        var object = JSONObject()
        object.add("description", "how many connections ended how")
        object.add("type", "object")
        object.add("additionalProperties", described("integer", nil))
        return object
    }

    private static var reportLine: JSONObject {
        var object = JSONObject()
        object.add("description", "a line of a report: an object under its record's name")
        object.add(
            "oneOf",
            namedLines.map { name in
                var properties = JSONObject()
                properties.add(JSONKey(name), reference(name))
                var object = JSONObject()
                object.add("type", "object")
                object.add("properties", properties)
                object.add("required", [name])
                object.add("additionalProperties", false)
                return object
            })
        return object
    }

    private static func reference(_ name: String) -> JSONObject {
        var object = JSONObject()
        object.add("$ref", "#/$defs/\(name)")
        return object
    }

    private static func described(_ type: String, _ text: String?) -> JSONObject {
        var object = JSONObject()
        if let text { object.add("description", text) }
        object.add("type", type)
        return object
    }

    /// The states' names in all spellings.
    private static let stateNames: [String] = {
        var names: [String] = []
        for spelling in StateSpelling.allCases {
            for state in State.allCases where !names.contains(state.name(spelling)) {
                names.append(state.name(spelling))
            }
        }
        return names
    }()
}

extension JSONTerm {
    fileprivate var isFrame: Bool {
        if case .frame = type { true } else { false }
    }
}
