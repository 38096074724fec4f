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
    private let frames: FrameNumbering
    private let isJSON: Bool

    /// - Parameter frames: how frames are named.
    public init(spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile, isJSON: Bool)
    {
        self.spelling = spelling
        self.frames = frames
        self.isJSON = isJSON
    }

    /// Writes an event.
    public mutating func write(
        _ event: Event, _ row: TransitionRow, to sink: inout some Sink & ~Copyable
    ) {
        if isJSON {
            var line = JSONTransitions(spelling: spelling, frames: frames).object(row)
            line.add("event", event.rawValue)
            sink.write(line.description + "\n")
            return
        }
        let transition = row.transition
        let change =
            transition.from.name(spelling) + " → " + transition.to.name(spelling)
        let role = row.record.connection.role(transition.side).name
        let connection = String(row.record.connection.serial).right(6)
        sink.write(
            "\(event.mark) \(TimeText(row.time).clock(6)) \(connection) \(role.left(6)) "
                + change.left(27) + transition.grade.name + "\n")
    }
}
