internal import Diagnosis
public import TCPState
internal import Wire

/// Transitions for people and awk: one line each, 80 columns; the date and the connections'
/// addresses in lines of their own that begin with `#`. Leave it so: terminals are 80 columns wide.
public struct TextTransitions: Format {
    private let spelling: StateSpelling
    private let frames: FrameNumbering
    private let palette: Palette
    private var date = ""
    private var named: Set<UInt32> = []

    /// - Parameter frames: how frames are named.
    public init(
        spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile,
        palette: Palette = .plain
    ) {
        self.spelling = spelling
        self.frames = frames
        self.palette = palette
    }

    /// Writes the head line.
    public mutating func begin(_ sink: inout some Sink & ~Copyable) {
        let head =
            "# TIME (UTC)    CONN END    FROM → TO                  IN STATE FRAME  GRADE"
        sink.write(palette.faint(head) + "\n")
    }

    /// Writes a line, and before the first one of a day or a connection what it is about.
    public mutating func write(_ row: TransitionRow, to sink: inout some Sink & ~Copyable) {
        let time = TimeText(row.time)
        if time.date != date {
            date = time.date
            sink.write(palette.faint("# \(date)") + "\n")
        }
        let connection = row.record.connection
        if named.insert(connection.serial).inserted { introduce(row.record, to: &sink) }
        let transition = row.transition
        let from = transition.from.name(spelling)
        let to = transition.to.name(spelling)
        let spent = row.timeInState.map { Age($0).description } ?? "-"
        let frame = frames.text(transition.frame)
        let tail =
            " " + String(connection.serial).right(4) + " "
            + connection.role(transition.side).name + " " + "\(from) → \(to)".left(26) + " "
            + spent.right(7) + " " + frame.right(5) + " " + transition.grade.name
        // Many connections or frames: the time gives up digits.
        let room = columns - tail.count
        let places = min(6, max(0, room - 9))
        sink.write(time.clock(places) + tail + "\n")
    }

    private func introduce(_ record: ConnectionRecord, to sink: inout some Sink & ~Copyable) {
        let opener = record.connection.opener
        let client = record.address(opener).text(port: record.port(opener))
        let server = record.address(opener.peer).text(port: record.port(opener.peer))
        let name = "# \(record.connection.serial) = "
        let line = "\(name)\(client) → \(server)"
        if line.count <= columns {
            sink.write(palette.faint(line) + "\n")
        } else {
            sink.write(palette.faint("\(name)\(client)") + "\n")
            sink.write(palette.faint("#   → \(server)") + "\n")
        }
    }
}
