public import ArgumentParser
public import Reports

/// A command's formats, for `--format`.
protocol OutputFormat: RawRepresentable<String>, CaseIterable, ExpressibleByArgument, Equatable {
    static var text: Self { get }
    static var json: Self { get }
}

extension OutputFormat {
    /// All names, for help.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The format that is asked for by name, or by a flag that is short for one; text where none is.
    static func chosen(_ format: Self?, _ flags: [(flag: String, isOn: Bool, format: Self)]) -> Self
    {
        format ?? flags.first { $0.isOn }?.format ?? .text
    }

    /// Refuses flags that say something else than `--format`, or than each other.
    static func validate(
        _ format: Self?, _ flags: [(flag: String, isOn: Bool, format: Self)]
    ) throws {
        let set = flags.filter(\.isOn)
        if set.count > 1 {
            throw ValidationError("--\(set[0].flag) and --\(set[1].flag): give one of them.")
        }
        if let format, let other = set.first, other.format != format {
            throw ValidationError(
                "--\(other.flag) is --format \(other.format.rawValue): give one of them.")
        }
    }
}

/// The formats of a command that has no more than two.
enum TextOrJSON: String, OutputFormat {
    case text, json
}

/// How a report is printed.
enum ReportFormat: String, OutputFormat {
    case text, json, markdown
}

/// How sockets are printed.
enum SocketFormat: String, OutputFormat {
    /// As netstat has them.
    case text = "netstat"
    /// As ss has them.
    case ss
    case json
}

extension JSONNames: ExpressibleByArgument {}
