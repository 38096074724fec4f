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
    private let ownKey: JSONKey
    private let ecsKey: JSONKey
    private let otelKey: JSONKey
    private let ownTwinKey: JSONKey?
    private let otherTwinKey: JSONKey?

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
        ownKey = JSONKey(name)
        ecsKey = JSONKey(ecs ?? "wirestate." + name)
        otelKey = JSONKey(otel ?? "wirestate." + name)
        ownTwinKey = twin.map { JSONKey($0) }
        otherTwinKey = twin.map { JSONKey("wirestate." + $0) }
    }

    /// The name in a naming scheme.
    func name(in names: JSONNames) -> String {
        switch names {
        case .wirestate: name
        case .ecs: ecs ?? "wirestate." + name
        case .otel: otel ?? "wirestate." + name
        }
    }

    /// The same as a key.
    func key(in names: JSONNames) -> JSONKey {
        switch names {
        case .wirestate: ownKey
        case .ecs: ecsKey
        case .otel: otelKey
        }
    }

    /// The name of the twin, as a key; nil without one.
    func twinKey(in names: JSONNames) -> JSONKey? {
        names == .wirestate ? ownTwinKey : otherTwinKey
    }
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
