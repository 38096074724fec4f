public import TCPState
internal import Wire

/// What a row has in a field.
enum JSONValue {
    /// Nothing: the field is left out of the row.
    case absent
    case text(String?)
    case flag(Bool?)
    case integer(Int64?)
    case count(UInt64?)
    case time(Timestamp?)
    case duration(TimeSpan?)
    /// As ``FrameReference``; 0 is none.
    case frame(UInt64?)
    case address(Address)
    case port(UInt16)
    case end(Address, UInt16)
    case state(State?)
    case texts([String])
    case counts([(String, UInt64)])
    /// The numbers of ends by state; nil where they are not counted.
    case states(StateCounts?)
    /// An object of another record, made in the style of the row.
    case object((JSONStyle) -> JSONObject?)
    case objects((JSONStyle) -> [JSONObject])
}

/// How rows are written.
public struct JSONStyle: Sendable {
    let spelling: StateSpelling
    let frames: FrameNumbering
    let names: JSONNames

    /// - Parameters:
    ///   - spelling: how states are spelled.
    ///   - frames: how frames are named.
    ///   - names: whose names fields have.
    public init(
        spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile,
        names: JSONNames = .wirestate
    ) {
        // Linux' spelling is the default, which OpenTelemetry's names do not go with.
        self.spelling = names == .otel && spelling == .netstat ? .otel : spelling
        self.frames = frames
        self.names = names
    }

    /// The style of an object inside a row.
    var nested: JSONStyle { JSONStyle(spelling: spelling, frames: frames) }

    /// The largest integer that 64-bit floating point has with all its neighbours. RFC 8259, section 6.
    private static let exact: UInt64 = 1 << 53

    func add(_ name: JSONFieldName, _ value: JSONValue, to object: inout JSONObject) {
        let key = name.key
        switch value {
        case .absent: break
        case .text(let text): object.add(key, text)
        case .flag(let flag): flag.map { object.add(key, $0) } ?? object.addNull(key)
        case .integer(let number): add(key, number, to: &object)
        case .count(let number): add(key, number, to: &object)
        case .port(let port): object.add(key, port)
        case .address(let address):
            object.add(key, asciiRoom: Address.textLimit) { $0.append(address) }
        case .state(let state): object.add(key, state?.name(spelling))
        case .texts(let texts): object.add(key, texts)
        case .time(let time): add(time, name, to: &object)
        case .duration(let duration):
            object.add(key, duration?.nanoseconds)
            if let twin = name.twin {
                duration.map { duration in
                    object.add(twin, asciiRoom: 21) { JSONStyle.append(seconds: duration, to: &$0) }
                } ?? object.addNull(twin)
            }
        case .frame(let frame): add(frame: frame, name, to: &object)
        case .end(let address, let port): add(address, port, key, to: &object)
        case .counts(let counts): object.add(key, JSONStyle.object(counts))
        case .states(let counts):
            if let counts {
                let rows = counts.present.map { ($0.state.name(spelling), $0.count) }
                object.add(key, JSONStyle.object(rows))
            } else {
                object.addNull(key)
            }
        case .object(let make):
            make(nested).map { object.add(key, $0) } ?? object.addNull(key)
        case .objects(let make): object.add(key, make(nested))
        }
    }

    private func add(
        _ key: JSONKey, _ number: (some BinaryInteger)?, to object: inout JSONObject
    ) {
        object.add(key, number)
        if let number, number.magnitude > JSONStyle.exact {
            object.add(JSONKey(key.name + "_text"), String(number))
        }
    }

    private func add(_ time: Timestamp?, _ name: JSONFieldName, to object: inout JSONObject) {
        let key = name.key
        guard let time else {
            object.addNull(key)
            if let twin = name.twin { object.addNull(twin) }
            return
        }
        if let twin = name.twin {
            object.add(key, time.nanoseconds)
            object.add(twin, asciiRoom: 30) { TimeText(time).appendRFC3339(to: &$0) }
        } else if names == .otel, name.isOfScheme {
            // OTLP's JSON has 64-bit numbers as texts.
            object.add(key, String(time.nanoseconds))
        } else {
            object.add(key, asciiRoom: 30) { TimeText(time).appendRFC3339(to: &$0) }
        }
    }

    private func add(frame: UInt64?, _ name: JSONFieldName, to object: inout JSONObject) {
        let frame = frame == 0 ? nil : frame
        object.add(name.key, frame.map { frames.number($0) })
        guard let twin = name.twin else { return }
        object.add(twin, frame.flatMap { frames.file($0) })
    }

    private func add(
        _ address: Address, _ port: UInt16, _ key: JSONKey, to object: inout JSONObject
    ) {
        guard names != .wirestate else {
            return object.add(key, asciiRoom: Address.textLimit) { $0.append(address, port: port) }
        }
        let name = key.name
        object.add(
            JSONKey(name + (names == .ecs ? ".ip" : ".address")), asciiRoom: Address.textLimit
        ) { $0.append(address) }
        object.add(JSONKey(name + ".port"), port)
    }

    private static func object(_ counts: [(String, UInt64)]) -> JSONObject {
        var object = JSONObject()
        for (name, count) in counts { object.add(JSONKey(name), count) }
        return object
    }

    /// Appends `22.345678901`, with all digits.
    private static func append(seconds duration: TimeSpan, to text: inout OutputSpan<UInt8>) {
        let (whole, rest) = duration.nanoseconds.magnitude
            .quotientAndRemainder(dividingBy: 1_000_000_000)
        if duration.nanoseconds < 0 { text.append(UInt8(ascii: "-")) }
        text.append(decimal: whole)
        text.append(UInt8(ascii: "."))
        text.append(decimal: rest, width: 9)
    }
}
