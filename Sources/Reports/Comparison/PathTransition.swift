public import TCPState

/// A change of state of one end of a connection past several taps.
public struct PathTransition: Sendable {
    /// The tap whose packets show it: the nearest to that end.
    public let tap: Int
    /// The connection's index in the comparison's paths; nil where it is none of them.
    public let path: Int?
    /// The change; its times are by the clock of the first tap.
    public let row: TransitionRow

    /// Whose state it is.
    public var role: Role { row.record.connection.role(row.transition.side) }

    /// Joins the parts.
    public init(tap: Int, path: Int?, row: TransitionRow) {
        self.tap = tap
        self.path = path
        self.row = row
    }
}

/// Changes of state past several taps as JSON lines: those of `transitions`, each with its tap.
public struct JSONPathTransitions: Format {
    private let report: ComparisonReport
    private let style: JSONStyle

    /// - Parameters:
    ///   - report: whose taps the changes are from.
    ///   - style: how it is written; frames are named as the report names them.
    public init(_ report: ComparisonReport, _ style: JSONStyle) {
        self.report = report
        self.style = style
    }

    /// Writes a line.
    public mutating func write(_ change: PathTransition, to sink: inout some Sink & ~Copyable) {
        let event = JSONRecords.TransitionEvent(change, report)
        let own = style.atTap(change.tap, of: report)
        sink.write(JSONRecords.transition.line(event, own))
    }
}

/// The same for people: the lines of `transitions`, with frames such as `client:12`.
public struct TextPathTransitions: Format {
    private let report: ComparisonReport
    private var lines: TextTransitions

    /// - Parameters:
    ///   - report: whose taps the changes are from.
    ///   - spelling: how states are spelled.
    ///   - layout: how it is laid out.
    public init(
        _ report: ComparisonReport, spelling: StateSpelling = .netstat,
        layout: TextLayout = TextLayout()
    ) {
        self.report = report
        lines = TextTransitions(spelling: spelling, layout: layout)
    }

    /// Writes the head line.
    public mutating func begin(_ sink: inout some Sink & ~Copyable) { lines.begin(&sink) }

    /// Writes a line.
    public mutating func write(_ change: PathTransition, to sink: inout some Sink & ~Copyable) {
        let number = report.captures[change.tap].numbering.text(change.row.transition.frame)
        lines.write(change.row, frame: "\(report.name(change.tap).visible):\(number)", to: &sink)
    }
}
