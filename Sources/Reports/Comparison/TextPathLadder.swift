internal import Comparison
internal import Diagnosis
public import TCPState
internal import Wire

/// A connection past all taps for people: the frame at the first tap and the client's state, an arrow for each segment, the
/// server's state and the frame at the last tap. An arrow that ends in the middle was lost there, one that begins there was
/// made there. Below it the verdicts, the proof of every change of state, and the findings.
public struct TextPathLadder: Format {
    private let layout: TextLayout
    private let spelling: StateSpelling
    private var palette: Palette { layout.palette }
    /// Columns of a frame's number and a state.
    private var widths = (frame: 6, state: 12)
    private var clock = LadderClock([], width: 10, isWhole: false)
    /// Columns of the arrow.
    private var arrow = 60
    /// The states of client and server.
    private var lanes = ["", ""]
    /// The changes that no row has shown so far, by tap and frame.
    private var changes: [TapFrame: [PathTransition]] = [:]
    /// Segments that nothing happened to of which a longer run is folded.
    private static let foldLimit = 8

    /// A frame of a tap.
    private struct TapFrame: Hashable {
        let tap: Int
        let frame: UInt64
    }

    /// - Parameters:
    ///   - spelling: how states are spelled.
    ///   - layout: how it is laid out.
    public init(spelling: StateSpelling = .netstat, layout: TextLayout = TextLayout()) {
        self.layout = layout
        self.spelling = spelling
    }

    /// Finds the widths of the columns.
    private mutating func fit(_ ladder: PathLadder) {
        let isNarrow = layout.columns < 72
        let times = ladder.rows.map(\.time) + ladder.changes.map(\.row.time)
        clock = LadderClock(
            times.lazy.map { $0 - ladder.path.first }, width: isNarrow ? 8 : 10,
            isWhole: layout.isWhole)
        let last = ladder.report.comparison.taps.count - 1
        widths.frame = ladder.rows.flatMap { row in
            [0, last].map { ladder.frame(row, at: $0).count }
        }.reduce(isNarrow ? 5 : 6, max)
        if isNarrow { widths.state = State.allCases.map { $0.name(spelling).count }.max() ?? 12 }
        let room = layout.columns - 2 * (widths.frame + widths.state) - clock.width - 5
        arrow = min(60, max(6, room))
    }

    /// Writes the ladder, the verdicts, the proof and the findings.
    public mutating func write(_ ladder: PathLadder, to sink: inout some Sink & ~Copyable) {
        fit(ladder)
        begin(ladder, &sink)
        let zero = zeros(ladder)
        var index = 0
        while index < ladder.rows.count {
            let run = plainRun(ladder, from: index)
            let isFolded = run > TextPathLadder.foldLimit
            for row in ladder.rows[index..<(index + (isFolded ? 2 : 1))] {
                write(row, ladder, zero, &sink)
            }
            index += 1
            guard isFolded else { continue }
            let words = "⋮ \(Count(run - 4)) segments arrived"
            sink.write(palette.faint("".left(margin) + words) + "\n")
            for row in ladder.rows[(index + run - 3)..<(index + run - 1)] {
                write(row, ladder, zero, &sink)
            }
            index += run - 1
        }
        // What no frame of its own shows, in the order of the history.
        for change in ladder.changes where changes[tapFrame(of: change)] != nil {
            writeTimer(change, ladder, &sink)
        }
        writeVerdicts(ladder, &sink)
        var findings = TextFindings(layout: layout)
        findings.write(ladder.findings, to: &sink)
    }

    private mutating func begin(_ ladder: PathLadder, _ sink: inout some Sink & ~Copyable) {
        let report = ladder.report
        let taps = report.comparison.taps
        changes = Dictionary(grouping: ladder.changes, by: tapFrame(of:))
        for role in Role.allCases {
            let first = ladder.changes.first { $0.role == role }?.row.transition.from
            lanes[lane(role)] = (first ?? .unknown).name(spelling)
        }
        for tap in ladder.path.seenBy {
            let ends = [Role.client, .server].map { ladder.path.text($0, at: tap, taps) ?? "" }
            sink.write("\(report.name(tap).visible) tap: \(ends[0]) → \(ends[1])\n")
        }
        let text =
            "\(layout.time(ladder.path.first).iso8601), \(Count(ladder.rows.count).of("segment")); times are"
            + " by the clock of the \(report.name(0).visible) tap"
        for line in layout.wrapped(text) { sink.write(line + "\n") }
        let names = [0, taps.count - 1].map {
            report.name($0).visible.uppercased().elided(widths.frame)
        }
        let states = (isFirstLeft(ladder) ? ["CLIENT", "SERVER"] : ["SERVER", "CLIENT"])
            .map { $0.left(widths.state) }
        sink.write(
            "\n"
                + palette.faint(
                    "SECONDS".right(clock.width) + " " + names[0].right(widths.frame) + " "
                        + states[0] + " " + "".left(arrow) + " " + states[1] + " "
                        + names[1].right(widths.frame))
                + "\n")
    }

    private func lane(_ role: Role) -> Int { role == .client ? 0 : 1 }

    /// Whether the client is at the side of the first tap.
    private func isFirstLeft(_ ladder: PathLadder) -> Bool { ladder.path.goesForward(.client) }

    /// Columns before a note or a gap.
    private var margin: Int { clock.width + widths.frame + widths.state + 3 }

    private func tapFrame(of change: PathTransition) -> TapFrame {
        TapFrame(tap: change.tap, frame: change.row.transition.frame)
    }

    /// How many segments from one on arrived, and say nothing else.
    private func plainRun(_ ladder: PathLadder, from start: Int) -> Int {
        var end = start
        while end < ladder.rows.count {
            let row = ladder.rows[end]
            let isPlain =
                row.notes.isEmpty && row.trace.isWhole
                && row.segment.flags.isDisjoint(with: [.syn, .fin, .rst])
                && tapFrames(row, ladder).allSatisfy { changes[$0] == nil }
            guard isPlain else { break }
            end += 1
        }
        return end - start
    }

    /// The frames that show a segment.
    private func tapFrames(_ row: PathLadder.LadderRow, _ ladder: PathLadder) -> [TapFrame] {
        row.trace.sightings.map { sighting in
            let tap = ladder.report.comparison.taps[sighting.tap]
            return TapFrame(tap: sighting.tap, frame: tap.segments[sighting.segment].frame)
        }
    }

    /// The first sequence number of each end, by its role, at each tap.
    private func zeros(_ ladder: PathLadder) -> [Role: [Int: SequenceNumber]] {
        var zero: [Role: [Int: SequenceNumber]] = [:]
        for row in ladder.rows where !row.segment.flags.contains(.rst) {
            for sighting in row.trace.sightings
            where zero[row.trace.sender]?[sighting.tap] == nil {
                let segment = ladder.report.comparison.taps[sighting.tap].segments[sighting.segment]
                zero[row.trace.sender, default: [:]][sighting.tap] = segment.sequenceNumber
            }
        }
        return zero
    }

    private mutating func write(
        _ row: PathLadder.LadderRow, _ ladder: PathLadder,
        _ zero: [Role: [Int: SequenceNumber]], _ sink: inout some Sink & ~Copyable
    ) {
        let found = tapFrames(row, ladder).flatMap { changes.removeValue(forKey: $0) ?? [] }
        for change in found where change.row.transition.timer == .none { setState(change) }
        let drawn = arrow(row, ladder, row.trace.sender, zero)
        let isOdd = row.segment.flags.contains(.rst) || !row.notes.isEmpty
        let last = ladder.report.comparison.taps.count - 1
        writeLine(
            row.time, ladder.frame(row, at: 0), isOdd ? palette.odd(drawn) : drawn,
            ladder.frame(row, at: last), ladder, &sink)
        for note in row.notes {
            for line in layout.wrapped("! " + note, indent: margin, hanging: 2) {
                sink.write(palette.odd(line) + "\n")
            }
        }
        for change in found where change.row.transition.timer != .none {
            writeTimer(change, ladder, &sink)
        }
    }

    private mutating func setState(_ change: PathTransition) {
        lanes[lane(change.role)] = change.row.transition.to.name(spelling)
    }

    private mutating func writeTimer(
        _ change: PathTransition, _ ladder: PathLadder, _ sink: inout some Sink & ~Copyable
    ) {
        setState(change)
        let timer = change.row.transition.timer
        let words = "(\(change.role.name): \(timer == .none ? "no frame" : timer.name))"
        let room = max(0, arrow - words.count)
        let text = String(repeating: " ", count: room / 2) + words
        writeLine(change.row.time, "-", text.elided(arrow).left(arrow), "-", ladder, &sink)
    }

    private func writeLine(
        _ time: Timestamp, _ near: String, _ arrow: String, _ far: String, _ ladder: PathLadder,
        _ sink: inout some Sink & ~Copyable
    ) {
        let shown = isFirstLeft(ladder) ? lanes : lanes.reversed()
        sink.write(
            clock.text(time - ladder.path.first) + " " + near.right(widths.frame)
                + " " + shown[0].left(widths.state) + " " + arrow + " "
                + shown[1].left(widths.state) + " " + far.right(widths.frame) + "\n")
    }

    private func writeVerdicts(_ ladder: PathLadder, _ sink: inout some Sink & ~Copyable) {
        let report = ladder.report
        var lines = report.verdicts[ladder.index].map {
            "\(report.sentence(of: $0)) (\($0.grade.name))"
        }
        sink.write("\n" + palette.strong("Between the taps") + "\n")
        write(lines, &sink)
        lines = ladder.changes.map { change in
            let frame = report.text(change.row.transition.frame, at: change.tap)
            let name = frame.hasPrefix("frame ") ? String(frame.dropFirst(6)) : frame
            return change.row.transition.proof(of: change.role, spelling, frame: name)
        }
        sink.write("\n" + palette.strong("Evidence") + "\n")
        write(lines, &sink)
    }

    private func write(_ lines: [String], _ sink: inout some Sink & ~Copyable) {
        for text in lines {
            for line in layout.wrapped("- " + text, indent: 2, hanging: 2) {
                sink.write(line + "\n")
            }
        }
    }

    /// `── SYN seq 0 ──▶`, `── FIN seq 9 ──×` for one that was lost, `×── RST ──▶` for one that was made.
    private func arrow(
        _ row: PathLadder.LadderRow, _ ladder: PathLadder, _ sender: Role,
        _ zero: [Role: [Int: SequenceNumber]]
    ) -> String {
        let forward = ladder.path.goesForward(sender)
        let isCut = row.trace.after != nil
        let isMade = row.trace.before != nil
        let room = isCut || isMade ? arrow * 3 / 4 : arrow
        let text = label(row, zero).text(room - 6)
        let line = String(repeating: "─", count: max(0, room - text.count - 5))
        let head = isCut ? "×" : forward ? "▶" : "◀"
        let tail = isMade ? "×" : "─"
        let drawn =
            forward ? "\(tail)─ \(text) \(line)\(head)" : "\(head)\(line) \(text) ─\(tail)"
        // What was lost begins at its sender's side, what was made ends at its receiver's.
        let isLeft = forward ? !isMade : isMade
        return isLeft ? drawn.left(arrow) : drawn.right(arrow)
    }

    private func label(
        _ row: PathLadder.LadderRow, _ zero: [Role: [Int: SequenceNumber]]
    ) -> SegmentLabel {
        let (segment, sender) = (row.segment, row.trace.sender)
        let tap = row.trace.sightings[0].tap
        func offset(_ number: SequenceNumber, _ role: Role) -> Int64 {
            SegmentLabel.offset(number, from: zero[role]?[tap] ?? number)
        }
        return SegmentLabel(
            flags: segment.flags, payloadLength: segment.payloadLength,
            sequence: offset(segment.sequenceNumber, sender),
            acknowledgment: segment.flags.contains(.ack)
                ? offset(segment.acknowledgmentNumber, sender.peer) : nil)
    }
}
