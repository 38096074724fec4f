internal import Wire

/// A Zeek log: rows of typed fields, as tab-separated text with Zeek's header, or as JSON lines.
///
/// The text is what `zeek-cut` and the other readers of Zeek's ASCII writer take (Zeek,
/// `src/logging/writers/ascii/Ascii.cc`). Times are those of the packets, so that equal captures give equal logs.
struct ZeekLog {
    /// A field's name and Zeek's name of its type.
    typealias Field = (name: String, type: String)

    /// A value of a row.
    enum Value {
        case unset
        /// Seconds since 1970, with microseconds.
        case time(Timestamp)
        /// Seconds, with microseconds.
        case interval(Double)
        case count(UInt64)
        case text(String)
        case flag(Bool)
    }

    /// How rows are written.
    enum Form: Sendable {
        case text, json
    }

    private let path: String
    private let fields: [Field]
    private let form: Form
    private var latest: Timestamp?

    /// - Parameter path: the log's name, such as `conn`.
    init(path: String, fields: [Field], form: Form) {
        self.path = path
        self.fields = fields
        self.form = form
    }

    /// Writes a row, and before the first one the header.
    ///
    /// - Parameters:
    ///   - values: one for each field.
    ///   - time: the row's time.
    mutating func write(_ values: [Value], at time: Timestamp, to sink: inout some Sink & ~Copyable)
    {
        switch form {
        case .text:
            if latest == nil { begin(time, &sink) }
            sink.write(values.map(ZeekLog.text).joined(separator: "\t") + "\n")
        case .json:
            var line = JSONObject()
            for (field, value) in zip(fields, values) {
                ZeekLog.add(JSONKey(field.name), value, to: &line)
            }
            sink.write(line.line)
        }
        latest = max(latest ?? time, time)
    }

    /// Ends the log; a log without rows has a header, too.
    mutating func end(_ sink: inout some Sink & ~Copyable) {
        guard form == .text else { return }
        if latest == nil { begin(Timestamp(nanoseconds: 0), &sink) }
        sink.write("#close\t\(ZeekLog.date(latest ?? Timestamp(nanoseconds: 0)))\n")
    }

    private func begin(_ time: Timestamp, _ sink: inout some Sink & ~Copyable) {
        sink.write(
            """
            #separator \\x09
            #set_separator\t,
            #empty_field\t(empty)
            #unset_field\t-
            #path\t\(path)
            #open\t\(ZeekLog.date(time))
            #fields\t\(fields.map(\.name).joined(separator: "\t"))
            #types\t\(fields.map(\.type).joined(separator: "\t"))

            """)
    }

    /// `2026-11-21-01-02-42`.
    private static func date(_ time: Timestamp) -> String {
        let text = TimeText(time)
        return text.date + "-" + String(text.clock(0).map { $0 == ":" ? "-" : $0 })
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .unset: "-"
        case .time(let time): seconds(time.nanoseconds)
        case .interval(let seconds): self.seconds(Int64(seconds * 1e9))
        case .count(let count): String(count)
        case .text(let text): text.isEmpty ? "(empty)" : escaped(text)
        case .flag(let flag): flag ? "T" : "F"
        }
    }

    private static func add(_ key: JSONKey, _ value: Value, to line: inout JSONObject) {
        switch value {
        case .unset: break
        case .time(let time): line.add(key, number: seconds(time.nanoseconds))
        case .interval(let seconds): line.add(key, number: self.seconds(Int64(seconds * 1e9)))
        case .count(let count): line.add(key, count)
        case .text(let text): line.add(key, text)
        case .flag(let flag): line.add(key, flag)
        }
    }

    /// Nanoseconds as seconds with six decimals, rounded down.
    private static func seconds(_ nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude / 1000
        let fraction = String(magnitude % 1_000_000)
        return (nanoseconds < 0 ? "-" : "") + "\(magnitude / 1_000_000)."
            + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    /// What would end a field or a line is written as `\xHH`, a field that reads like an unset one too.
    private static func escaped(_ text: String) -> String {
        if text == "-" { return "\\x2d" }
        var result = ""
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "\\") {
                let digits = String(byte, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" : "") + digits
            } else {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }
            ? text : result
    }
}
