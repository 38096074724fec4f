internal import Diagnosis
public import TCPState
internal import Wire

/// Transitions as a stream of events, in the order in which they were found: text with a mark before
/// each line, or JSON lines.
public struct TransitionEvents: Sendable {
    /// What became of a transition.
    public enum Event: String, Sendable {
        /// It was found, by proof or by inference.
        case found
        /// The endpoint has shown since that it happened.
        case confirmed
        /// The endpoint has shown since that it did not happen, or nothing came of it in time.
        case withdrawn
        /// It led to another state than was said.
        case amended

        /// The mark before a line.
        var mark: String {
            switch self {
            case .found: "+"
            case .confirmed: "="
            case .withdrawn: "-"
            case .amended: "~"
            }
        }
    }

    private let spelling: StateSpelling
    /// How JSON lines are written; nil for text.
    private let json: JSONStyle?
    private let layout: TextLayout

    /// Text, with states in a dialect.
    public init(spelling: StateSpelling = .netstat, layout: TextLayout = TextLayout()) {
        self.layout = layout
        self.spelling = spelling
        json = nil
    }

    /// JSON lines.
    public init(_ style: JSONStyle) {
        spelling = style.spelling
        layout = TextLayout()
        json = style
    }

    /// Writes an event.
    public mutating func write(
        _ event: Event, _ row: TransitionRow, to sink: inout some Sink & ~Copyable
    ) {
        if let json {
            let row = JSONRecords.TransitionEvent(row: row, event: event)
            sink.write(JSONRecords.transition.line(row, json))
            return
        }
        let transition = row.transition
        let change =
            transition.from.name(spelling) + " → " + transition.to.name(spelling)
        let role = row.record.connection.role(transition.side).name
        let opener = row.record.connection.opener
        let ends = [opener, opener.peer].map { side in
            row.record.address(side).text(port: row.record.port(side))
        }
        let connection = String(row.record.connection.serial).right(6)
        let line =
            "\(event.mark) \(layout.time(row.time).clock(6)) \(connection) \(role.left(6)) "
            + change.left(26) + transition.grade.name.left(8) + " "
            + ends.joined(separator: " → ") + "\n"
        sink.write(layout.isASCII ? line.inASCII : line)
    }
}
