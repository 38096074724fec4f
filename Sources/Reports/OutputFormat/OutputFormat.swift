/// The formats of a command: the values of `--format`, from which its help is made.
public protocol OutputFormat: RawRepresentable<String>, CaseIterable, Equatable, Sendable {
    /// What is printed where no format is asked for.
    static var text: Self { get }
    /// JSON lines, for which every command has a flag of its own.
    static var json: Self { get }
}

extension OutputFormat {
    /// A flag that is short for a format, and whether it is given.
    public typealias Flag = (flag: String, isOn: Bool, format: Self)

    /// All names, for help.
    public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The format that is asked for by name, or by a flag that is short for one; text where none is.
    public static func chosen(_ format: Self?, _ flags: [Flag]) -> Self {
        format ?? flags.first { $0.isOn }?.format ?? .text
    }

    /// What is wrong with flags that say something else than `--format`, or than each other; nil if nothing is.
    public static func conflict(_ format: Self?, _ flags: [Flag]) -> String? {
        let set = flags.filter(\.isOn)
        if set.count > 1 { return "--\(set[0].flag) and --\(set[1].flag): give one of them." }
        guard let format, let other = set.first, other.format != format else { return nil }
        return "--\(other.flag) is --format \(other.format.rawValue): give one of them."
    }
}

/// The formats of a command that has no more than two.
public enum TextOrJSON: String, OutputFormat {
    /// For people.
    case text
    /// JSON lines.
    case json
}

/// How a report is printed.
public enum ReportFormat: String, OutputFormat {
    /// For people.
    case text
    /// JSON lines.
    case json
    /// For a ticket.
    case markdown
}

/// How sockets are printed.
public enum SocketFormat: String, OutputFormat {
    /// As netstat has them.
    case text = "netstat"
    /// As ss has them.
    case ss
    /// JSON lines.
    case json
}
