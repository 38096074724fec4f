internal import Diagnosis
public import TCPState
internal import Wire

/// A ladder for people: the client's state, an arrow for each segment, the server's
/// state; below it the proof of every transition in words.
public struct TextLadder: Format {
    private let spelling: StateSpelling
    private let frames: FrameNumbering
    private let layout: TextLayout
    private var palette: Palette { layout.palette }
    private var zero: [SequenceNumber?] = [nil, nil]
    private var lanes = ["", ""]
    /// The transitions that were withdrawn, by the frame that showed that they had not happened.
    private var withdrawn: [UInt64: [Transition]] = [:]

    /// Plain segments of which a longer run is folded.
    private static let foldLimit = 8
    /// Columns of a frame's number and a state.
    private var widths = (frame: 6, state: 12)
    private var clock = LadderClock([], width: 10, isWhole: false)
    /// Columns of the arrow: what frame, time and two states leave, less the blanks.
    private var arrow = 60

    /// - Parameter frames: how frames are named.
    public init(
        spelling: StateSpelling = .netstat, frames: FrameNumbering = .oneFile,
        layout: TextLayout = TextLayout()
    ) {
        self.spelling = spelling
        self.frames = frames
        self.layout = layout
    }

    /// Finds the widths of the columns.
    private mutating func fit(_ ladder: Ladder) {
        let isNarrow = layout.columns < 72
        let start = ladder.record.connection.firstSeen
        let times = ladder.rows.map(\.time) + ladder.history.map(\.time)
        clock = LadderClock(
            times.lazy.map { $0 - start }, width: isNarrow ? 8 : 10, isWhole: layout.isWhole)
        widths.frame = ladder.rows.map { frames.text($0.frame).count }
            .reduce(isNarrow ? 5 : 6, max)
        let room = layout.columns - widths.frame - clock.width - 2 * widths.state - 4
        arrow = min(60, max(10, room))
    }

    /// Writes the ladder and the proof.
    public mutating func write(_ ladder: Ladder, to sink: inout some Sink & ~Copyable) {
        let connection = ladder.record.connection
        fit(ladder)
        begin(ladder, &sink)
        withdrawn = [:]
        for gone in ladder.withdrawn { withdrawn[gone.frame, default: []].append(gone.transition) }
        var changes = Dictionary(grouping: ladder.history, by: \.transition.frame)
        var index = 0
        var previous = ladder.rows.first?.time
        while index < ladder.rows.count {
            let fold = plainRun(ladder, from: index, changes)
            if fold > TextLadder.foldLimit {
                let first = index + 2
                let last = index + fold - 2
                for row in ladder.rows[index..<first] {
                    write(row, ladder, [], &previous, &sink)
                }
                writeFold(ladder.rows[first..<last], connection, &sink)
                previous = ladder.rows[last - 1].time
                index = last
                for row in ladder.rows[last..<(last + 2)] {
                    write(row, ladder, [], &previous, &sink)
                }
                index += 2
                continue
            }
            let row = ladder.rows[index]
            let found = changes.removeValue(forKey: row.frame) ?? []
            let (late, prompt) = (
                found.filter { $0.transition.timer != .none },
                found.filter { $0.transition.timer == .none }
            )
            write(row, ladder, prompt, &previous, &sink)
            for row in late { writeTimer(row, &previous, ladder, &sink) }
            index += 1
        }
        // What no frame of its own shows, in the order of the history.
        for row in ladder.history where changes[row.transition.frame] != nil {
            writeTimer(row, &previous, ladder, &sink)
        }
        writeProof(ladder, &sink)
    }

    private mutating func begin(_ ladder: Ladder, _ sink: inout some Sink & ~Copyable) {
        let connection = ladder.record.connection
        for side in Side.allCases {
            let first = ladder.rows.first { $0.sender == side && !$0.flags.contains(.rst) }
            let heard = ladder.rows.first { $0.sender != side && $0.flags.contains(.ack) }
            zero[side.rawValue] = first?.sequenceNumber ?? heard?.acknowledgmentNumber
            let start = ladder.history.first { $0.transition.side == side }?.transition.from
            lanes[side.rawValue] = (start ?? .unknown).name(spelling)
        }
        let names = [Role.client, .server].map { role in
            let side = connection.side(role)
            return ladder.record.address(side).text(port: ladder.record.port(side))
        }
        sink.write("client \(names[0])\nserver \(names[1])\n")
        let count = ladder.rows.count
        let duration = Age(connection.lastSeen - connection.firstSeen)
        let start = layout.time(connection.firstSeen).iso8601
        let text =
            "\(start), \(duration), \(Count(count).of("segment")), tcp.stream eq \(connection.stream)"
        for line in layout.wrapped(text) { sink.write(line + "\n") }
        if !connection.isOpenerKnown {
            let words =
                "The capture has no handshake: client and server are told apart by port number."
            for line in layout.wrapped(words) { sink.write(line + "\n") }
        }
        sink.write("\n")
        let head =
            "FRAME".right(widths.frame) + " " + "SECONDS".right(clock.width) + " "
            + "CLIENT".left(widths.state) + "".left(arrow + 2) + "SERVER"
        sink.write(palette.faint(head) + "\n")
    }

    /// How many segments from `index` on are plain: nothing changes, nothing is odd, no long gap.
    private func plainRun(
        _ ladder: Ladder, from index: Int, _ changes: [UInt64: [TransitionRow]]
    ) -> Int {
        var end = index
        while end < ladder.rows.count {
            let row = ladder.rows[end]
            let isPlain =
                row.notes.isEmpty && row.flags.isDisjoint(with: [.syn, .fin, .rst])
                && changes[row.frame] == nil && withdrawn[row.frame] == nil
            guard isPlain else { break }
            if end > index, row.time - ladder.rows[end - 1].time >= 1_000_000_000 { break }
            end += 1
        }
        return end - index
    }

    private mutating func write(
        _ row: Ladder.LadderRow, _ ladder: Ladder, _ changes: [TransitionRow],
        _ previous: inout Timestamp?, _ sink: inout some Sink & ~Copyable
    ) {
        gap(to: row.time, &previous, &sink)
        for row in changes { setState(row) }
        let isRight = row.sender == ladder.record.connection.opener
        let label = self.label(row)
        let line = String(repeating: "─", count: max(0, arrow - label.count - 5))
        let arrow = isRight ? "── \(label) \(line)▶" : "◀\(line) \(label) ──"
        writeLine(
            frame: frames.text(row.frame), row.time,
            isBad(row) ? palette.odd(arrow) : arrow, ladder, &sink)
        for note in row.notes { writeNote(note, &sink) }
        for transition in withdrawn[row.frame] ?? [] {
            let role = ladder.record.connection.role(transition.side).name
            writeNote(
                "withdrawn: the \(role) did not go from \(transition.from.name(spelling))"
                    + " to \(transition.to.name(spelling))", &sink)
        }
    }

    private func isBad(_ row: Ladder.LadderRow) -> Bool {
        row.flags.contains(.rst) || !row.notes.isEmpty
    }

    private mutating func writeTimer(
        _ row: TransitionRow, _ previous: inout Timestamp?, _ ladder: Ladder,
        _ sink: inout some Sink & ~Copyable
    ) {
        gap(to: row.time, &previous, &sink)
        setState(row)
        let name = row.transition.timer == .none ? "no frame" : row.transition.timer.name
        let role = ladder.record.connection.role(row.transition.side).name
        let words = "(\(role): \(name))"
        let room = max(0, arrow - words.count)
        let text = String(repeating: " ", count: room / 2) + words
        writeLine(
            frame: "-", row.time, text.elided(arrow).left(arrow), ladder, &sink)
    }

    private mutating func setState(_ row: TransitionRow) {
        lanes[row.transition.side.rawValue] = row.transition.to.name(spelling)
    }

    private func writeLine(
        frame: String, _ time: Timestamp, _ arrow: String, _ ladder: Ladder,
        _ sink: inout some Sink & ~Copyable
    ) {
        let opener = ladder.record.connection.opener
        let seconds = clock.text(time - ladder.record.connection.firstSeen)
        sink.write(
            frame.right(widths.frame) + " " + seconds + " "
                + lanes[opener.rawValue].left(widths.state)
                + arrow + "  " + lanes[opener.peer.rawValue] + "\n")
    }

    private func writeNote(_ note: String, _ sink: inout some Sink & ~Copyable) {
        for line in layout.wrapped("! " + note, indent: margin, hanging: 2) {
            sink.write(palette.odd(line) + "\n")
        }
    }

    /// A second or more without a segment is shown.
    private func gap(
        to time: Timestamp, _ previous: inout Timestamp?, _ sink: inout some Sink & ~Copyable
    ) {
        if let last = previous, time - last >= 1_000_000_000 {
            let words = "⋮ \(Age(time - last)) of silence"
            sink.write(palette.faint("".left(margin) + words) + "\n")
        }
        previous = max(previous ?? time, time)
    }

    private func writeFold(
        _ rows: ArraySlice<Ladder.LadderRow>, _ connection: Connection,
        _ sink: inout some Sink & ~Copyable
    ) {
        var bytes: [UInt64] = [0, 0]
        for row in rows {
            bytes[connection.role(row.sender) == .client ? 0 : 1] += UInt64(row.payloadLength)
        }
        let duration = Age(rows[rows.endIndex - 1].time - rows[rows.startIndex].time)
        let words =
            "⋮ \(Count(rows.count)) segments, \(size(bytes[0])) ▶, ◀ \(size(bytes[1])), \(duration)"
        let indent = min(margin, layout.columns - words.count)
        sink.write(palette.faint("".left(indent) + words) + "\n")
    }

    private func size(_ bytes: UInt64) -> String {
        switch bytes {
        case ..<10_000: "\(bytes) B"
        case ..<10_000_000: "\(bytes / 1000) kB"
        default: "\(bytes / 1_000_000) MB"
        }
    }

    private func label(_ row: Ladder.LadderRow) -> String {
        let peer = row.sender.peer
        return SegmentLabel(
            flags: row.flags, payloadLength: row.payloadLength,
            sequence: SegmentLabel.offset(row.sequenceNumber, from: zero[row.sender.rawValue]),
            acknowledgment: row.flags.contains(.ack)
                ? SegmentLabel.offset(row.acknowledgmentNumber, from: zero[peer.rawValue]) : nil
        ).text(arrow - 5)
    }

    /// Columns before a note or a gap.
    private var margin: Int { widths.frame + clock.width + widths.state + 2 }

    private func writeProof(_ ladder: Ladder, _ sink: inout some Sink & ~Copyable) {
        sink.write("\n" + palette.strong("Evidence") + "\n")
        for row in ladder.history {
            let role = ladder.record.connection.role(row.transition.side)
            let text = row.transition.proof(
                of: role, spelling, frame: frames.text(row.transition.frame))
            for line in layout.wrapped("- " + text, indent: 2, hanging: 2) {
                sink.write(line + "\n")
            }
        }
    }
}
