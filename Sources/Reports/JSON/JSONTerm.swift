/// A field of JSON rows: one name, type and meaning in every command.
///
/// A time is a whole number of nanoseconds since 1970 with a twin in RFC 3339; a duration is one of nanoseconds with a
/// twin in seconds; a frame's number has the number of its file beside it. Readers that keep numbers as 64-bit
/// floating point (RFC 8259, section 6) take the twins.
final class JSONTerm: Sendable {
    let name: String
    let type: JSONType
    /// Whether it may be null: where it is not known, or there is none.
    let isNullable: Bool
    let meaning: String
    /// The name in the Elastic Common Schema; nil where that has none.
    let ecs: String?
    /// The name in OpenTelemetry's semantic conventions; nil where they have none.
    let otel: String?
    /// The name of the twin of a time or a duration, or of the file beside a frame; nil for another type.
    let twin: String?
    /// How it is called in each naming scheme.
    let names: JSONFieldNames

    init(
        _ name: String, _ type: JSONType, _ meaning: String, nullable: Bool = false,
        ecs: String? = nil, otel: String? = nil
    ) {
        self.name = name
        self.type = type
        self.meaning = meaning
        isNullable = nullable
        self.ecs = ecs
        self.otel = otel
        twin =
            switch type {
            case .time: name == "ts" ? "time" : name + "_time"
            case .duration: name + "_seconds"
            case .frame: String(name.dropLast("frame".count)) + "file"
            default: nil
            }
        // Other schemes have one form of a time and a duration.
        var otherTwin: JSONKey?
        if case .frame = type { otherTwin = twin.map { JSONKey("wirestate." + $0) } }
        names = JSONFieldNames(
            own: JSONFieldName(
                key: JSONKey(name), twin: twin.map { JSONKey($0) }, isOfScheme: true),
            ecs: JSONFieldName(
                key: JSONKey(ecs ?? "wirestate." + name), twin: otherTwin, isOfScheme: ecs != nil),
            otel: JSONFieldName(
                key: JSONKey(otel ?? "wirestate." + name), twin: otherTwin, isOfScheme: otel != nil)
        )
    }
}

/// How a field is called in every naming scheme. Plain bytes: threads that write the same fields share no counter of
/// references.
struct JSONFieldNames: Sendable {
    fileprivate let own: JSONFieldName
    fileprivate let ecs: JSONFieldName
    fileprivate let otel: JSONFieldName

    /// How it is called in one of them.
    subscript(names: JSONNames) -> JSONFieldName {
        switch names {
        case .wirestate: own
        case .ecs: ecs
        case .otel: otel
        }
    }
}

/// How a field is called in one naming scheme.
struct JSONFieldName: Sendable {
    let key: JSONKey
    /// The name of the twin; nil without one.
    let twin: JSONKey?
    /// Whether the scheme itself has the field.
    let isOfScheme: Bool
}

/// What a field holds.
enum JSONType: Sendable {
    case text
    /// One of some texts.
    case words([String])
    case flag
    case integer
    /// Nanoseconds since 1970.
    case time
    /// Nanoseconds.
    case duration
    /// A frame's number, in its file where files overlap in time.
    case frame
    case address
    case port
    /// Address and port.
    case end
    /// In the spelling of `--states`.
    case state
    case texts
    /// A number for each of some names.
    case counts
    /// An object of a record that is named.
    case record(String)
    /// An array of them.
    case records(String)
}

/// Whose names fields have.
public enum JSONNames: String, CaseIterable, Sendable {
    /// Ours.
    case wirestate
    /// The Elastic Common Schema's where it has any; `wirestate.` and ours elsewhere.
    case ecs
    /// OpenTelemetry's semantic conventions', the same way.
    case otel
}
