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

    func add(_ term: JSONTerm, _ value: JSONValue, to object: inout JSONObject) {
        let name = term.name(in: names)
        switch value {
        case .absent: break
        case .text(let text): object.add(name, text)
        case .flag(let flag): flag.map { object.add(name, $0) } ?? object.addNull(name)
        case .integer(let number): add(name, number, to: &object)
        case .count(let number): add(name, number, to: &object)
        case .port(let port): object.add(name, port)
        case .address(let address): object.add(name, address.description)
        case .state(let state): object.add(name, state?.name(spelling))
        case .texts(let texts): object.add(name, texts)
        case .time(let time): add(time, term, to: &object)
        case .duration(let length):
            object.add(name, length?.nanoseconds)
            if let twin = term.twin, names == .wirestate {
                object.add(twin, length.map { JSONStyle.seconds($0.nanoseconds) })
            }
        case .frame(let frame): add(frame: frame, term, to: &object)
        case .end(let address, let port): add(address, port, term, to: &object)
        case .counts(let counts): object.add(name, JSONStyle.object(counts))
        case .states(let counts):
            if let counts {
                let rows = counts.present.map { ($0.state.name(spelling), $0.count) }
                object.add(name, JSONStyle.object(rows))
            } else {
                object.addNull(name)
            }
        case .object(let make):
            make(nested).map { object.add(name, $0) } ?? object.addNull(name)
        case .objects(let make): object.add(name, make(nested))
        }
    }

    private func add(_ name: String, _ number: (some BinaryInteger)?, to object: inout JSONObject) {
        object.add(name, number)
        if let number, number.magnitude > JSONStyle.exact {
            object.add(name + "_text", String(number))
        }
    }

    private func add(_ time: Timestamp?, _ term: JSONTerm, to object: inout JSONObject) {
        let text = time.map { TimeText($0).rfc3339 }
        guard names == .wirestate, let twin = term.twin else {
            // OTLP's JSON has 64-bit numbers as texts.
            let isOTLP = names == .otel && term.otel != nil
            let value = isOTLP ? time.map { String($0.nanoseconds) } : text
            return object.add(term.name(in: names), value)
        }
        object.add(term.name, time?.nanoseconds)
        object.add(twin, text)
    }

    private func add(frame: UInt64?, _ term: JSONTerm, to object: inout JSONObject) {
        let frame = frame == 0 ? nil : frame
        let name = term.name(in: names)
        object.add(name, frame.map { frames.number($0) })
        guard let twin = term.twin else { return }
        object.add(
            names == .wirestate ? twin : "wirestate." + twin, frame.flatMap { frames.file($0) })
    }

    private func add(
        _ address: Address, _ port: UInt16, _ term: JSONTerm, to object: inout JSONObject
    ) {
        let name = term.name(in: names)
        guard names != .wirestate else { return object.add(name, address.text(port: port)) }
        object.add(name + (names == .ecs ? ".ip" : ".address"), address.description)
        object.add(name + ".port", port)
    }

    private static func object(_ counts: [(String, UInt64)]) -> JSONObject {
        var object = JSONObject()
        for (name, count) in counts { object.add(name, count) }
        return object
    }

    /// `22.345678901`, with all digits.
    private static func seconds(_ nanoseconds: Int64) -> String {
        let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let digits = String(rest)
        return (nanoseconds < 0 ? "-" : "") + "\(whole)."
            + String(repeating: "0", count: 9 - digits.count) + digits
    }
}
