internal import Diagnosis
public import TCPState
internal import Wire

/// Transitions for people, grep and awk: one line each. Where the addresses have room, and in a pipe, each line
/// ends with its connection's; elsewhere they stand in lines of their own that begin with `#`.
public struct TextTransitions: Format {
    private let spelling: StateSpelling
    private let frames: FrameNumbering
    private let layout: TextLayout
    private var date = ""
    private var named: Set<UInt32> = []

    /// The columns of a line with two IPv4 addresses and their ports at its end.
    private static let wide = 128

    /// - Parameter frames: how frames are named.
    public init(
        spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile,
        layout: TextLayout = TextLayout()
    ) {
        self.spelling = spelling
        self.frames = frames
        self.layout = layout
    }

    private var hasAddresses: Bool { layout.isWhole || layout.columns >= TextTransitions.wide }

    /// A narrow terminal has no room for it.
    private var hasTimeInState: Bool { layout.isWhole || layout.columns >= 77 }

    /// Columns of a change of state.
    private var changeWidth: Int { hasTimeInState ? 26 : 24 }

    /// Decimals of a time.
    private var places: Int { hasTimeInState ? 6 : min(6, max(0, layout.columns - 61)) }

    /// Writes the head line.
    public mutating func begin(_ sink: inout some Sink & ~Copyable) {
        let zone = layout.offset == nil ? "(UTC)" : "(LOCAL)"
        let width = places > 0 ? 9 + places : 8
        let clock = (width < 14 ? "# TIME" : "# TIME \(zone)").left(width)
        let spent = hasTimeInState ? " IN STATE" : ""
        let change = "FROM → TO".left(changeWidth)
        let head = clock + " CONN END    \(change)\(spent) FRAME GRADE"
        let tail = hasAddresses ? "    CLIENT → SERVER" : ""
        sink.write(layout.palette.faint(head + tail) + "\n")
    }

    /// Writes a line, and before the first one of a day or a connection what it is about.
    public mutating func write(_ row: TransitionRow, to sink: inout some Sink & ~Copyable) {
        write(row, frame: frames.text(row.transition.frame), to: &sink)
    }

    /// The same with a frame's name.
    mutating func write(
        _ row: TransitionRow, frame: String, to sink: inout some Sink & ~Copyable
    ) {
        let time = layout.time(row.time)
        if time.date != date {
            date = time.date
            sink.write(layout.palette.faint("# \(date)") + "\n")
        }
        let connection = row.record.connection
        if !hasAddresses, named.insert(connection.serial).inserted {
            introduce(row.record, to: &sink)
        }
        let transition = row.transition
        let from = transition.from.name(spelling)
        let to = transition.to.name(spelling)
        let spent = row.timeInState.map { Age($0).description } ?? "-"
        let change = "\(from) → \(to)"
        let head =
            " " + String(connection.serial).right(4) + " "
            + connection.role(transition.side).name + " "
        let end = (hasTimeInState ? " " + spent.right(7) : "") + " " + frame.right(5) + " "
        guard hasAddresses else {
            // The longest grade has 8 letters. Many connections or frames: the time gives up digits, then the change.
            let room = layout.columns - head.count - end.count - 8
            let clock = time.clock(min(places, max(0, room - changeWidth - 9)))
            let width = min(changeWidth, max(8, room - clock.count))
            sink.write(
                clock + head + change.elided(width).left(width) + end + transition.grade.name
                    + "\n")
            return
        }
        let tail = head + change.left(changeWidth) + end + transition.grade.name
        let opener = connection.opener
        let client = row.record.address(opener).text(port: row.record.port(opener))
        let server = row.record.address(opener.peer).text(port: row.record.port(opener.peer))
        let line = time.clock(6) + tail.left(67) + " "
        let room = (layout.columns - line.count - 3) / 2
        sink.write(
            line + layout.fitted(client, room) + " → " + layout.fitted(server, room) + "\n")
    }

    private func introduce(_ record: ConnectionRecord, to sink: inout some Sink & ~Copyable) {
        let opener = record.connection.opener
        let client = record.address(opener).text(port: record.port(opener))
        let server = record.address(opener.peer).text(port: record.port(opener.peer))
        let name = "# \(record.connection.serial) = "
        let line = "\(name)\(client) → \(server)"
        if line.count <= layout.columns {
            sink.write(layout.palette.faint(line) + "\n")
        } else {
            sink.write(layout.palette.faint("\(name)\(client)") + "\n")
            sink.write(layout.palette.faint("#   → \(server)") + "\n")
        }
    }
}
