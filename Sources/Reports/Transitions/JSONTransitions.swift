internal import Diagnosis
public import TCPState
internal import Wire

/// Transitions as JSON lines. CLOSED is spelled so in the default spelling, too, where netstat says
/// CLOSE: it is the state's name in logs of transitions.
public struct JSONTransitions: Format {
    private let spelling: StateSpelling
    private let frames: FrameNumbering

    /// - Parameter frames: how frames are named.
    public init(spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile) {
        self.spelling = spelling
        self.frames = frames
    }

    /// Writes a line.
    public mutating func write(_ row: TransitionRow, to sink: inout some Sink & ~Copyable) {
        sink.write(object(row).description + "\n")
    }

    func object(_ row: TransitionRow) -> JSONObject {
        let transition = row.transition
        let record = row.record
        let opener = record.connection.opener
        var line = JSONObject()
        line.add("ts", row.time.nanoseconds)
        line.add("client", record.address(opener).text(port: record.port(opener)))
        line.add("server", record.address(opener.peer).text(port: record.port(opener.peer)))
        line.add("endpoint", record.connection.role(transition.side).name)
        line.add("from", transition.from.logName(spelling))
        line.add("to", transition.to.logName(spelling))
        line.add("not_before", transition.notBefore?.nanoseconds)
        line.add("not_after", transition.notAfter?.nanoseconds)
        line.add("grade", transition.grade.name)
        line.add("frame", frames.number(transition.frame))
        if let file = frames.file(transition.frame) { line.add("file", file) }
        line.add("stream", record.connection.stream)
        line.add("connection", record.connection.serial)
        line.add("in_state", row.timeInState?.nanoseconds)
        if transition.timer != .none { line.add("timer", transition.timer.name) }
        return line
    }
}

extension State {
    /// The name in logs of transitions: as netstat spells it, CLOSED is still CLOSED, not CLOSE.
    func logName(_ spelling: StateSpelling) -> String {
        self == .closed && spelling == .netstat ? "CLOSED" : name(spelling)
    }
}
