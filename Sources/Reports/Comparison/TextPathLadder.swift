internal import Comparison
internal import Diagnosis
internal import TCPState
internal import Wire

/// A connection past all taps for people: the frame at the first tap, an arrow for each segment, the frame at the last
/// one. An arrow that ends in the middle was lost there, one that begins there was made there.
public struct TextPathLadder: Format {
    private let layout: TextLayout
    private var palette: Palette { layout.palette }
    private let widths = (frame: 8, time: 11)
    private let arrow: Int
    /// Segments that nothing happened to of which a longer run is folded.
    private static let patience = 8

    /// - Parameter layout: how it is laid out.
    public init(layout: TextLayout = TextLayout()) {
        self.layout = layout
        arrow = min(60, layout.columns - 2 * widths.frame - widths.time - 3)
    }

    /// Writes the ladder and the verdicts.
    public mutating func write(_ ladder: PathLadder, to sink: inout some Sink & ~Copyable) {
        let report = ladder.report
        let taps = report.comparison.taps
        for tap in ladder.path.seenBy {
            let ends = [Role.client, .server].map { ladder.path.text($0, at: tap, taps) ?? "" }
            sink.write("\(report.name(tap).visible) tap: \(ends[0]) → \(ends[1])\n")
        }
        let text =
            "\(layout.time(ladder.path.first).iso8601), \(Count(ladder.rows.count).of("segment")); times are"
            + " those of the \(report.name(0).visible) tap's clock"
        for line in layout.wrapped(text) { sink.write(line + "\n") }
        let (left, right) = (report.name(0).visible, report.name(taps.count - 1).visible)
        sink.write(
            "\n"
                + palette.faint(
                    "SECONDS".right(widths.time) + " "
                        + left.uppercased().elided(widths.frame).right(widths.frame) + " "
                        + "".left(arrow) + " " + right.uppercased().elided(widths.frame)) + "\n")
        let zero = zeros(ladder)
        var index = 0
        while index < ladder.rows.count {
            let run = plainRun(ladder, from: index)
            if run > TextPathLadder.patience {
                for row in ladder.rows[index..<(index + 2)] { write(row, ladder, zero, &sink) }
                let words = "⋮ \(Count(run - 4)) segments arrived"
                sink.write(
                    palette.faint("".left(widths.time + widths.frame + 2) + words) + "\n")
                index += run - 2
                for row in ladder.rows[index..<(index + 2)] { write(row, ladder, zero, &sink) }
                index += 2
                continue
            }
            write(ladder.rows[index], ladder, zero, &sink)
            index += 1
        }
        sink.write("\n")
        for verdict in report.verdicts[ladder.index] {
            let words = report.sentence(of: verdict)
            let lines = layout.wrapped(
                "- \(words) (\(verdict.grade.name))", indent: 0, hanging: 2)
            for line in lines { sink.write(line + "\n") }
        }
    }

    /// How many segments from one on arrived, and say nothing else.
    private func plainRun(_ ladder: PathLadder, from start: Int) -> Int {
        var end = start
        while end < ladder.rows.count {
            let row = ladder.rows[end]
            let isPlain =
                row.notes.isEmpty && row.trace.isWhole
                && row.segment.flags.isDisjoint(with: [.syn, .fin, .rst])
            guard isPlain else { break }
            end += 1
        }
        return end - start
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

    private func write(
        _ row: PathLadder.LadderRow, _ ladder: PathLadder,
        _ zero: [Role: [Int: SequenceNumber]], _ sink: inout some Sink & ~Copyable
    ) {
        let last = ladder.report.comparison.taps.count - 1
        let drawn = arrow(row, ladder, label(row, zero))
        let isOdd = row.segment.flags.contains(.rst) || !row.notes.isEmpty
        sink.write(
            seconds(row.time - ladder.path.first).right(widths.time) + " "
                + ladder.frame(row, at: 0).right(widths.frame) + " "
                + (isOdd ? palette.odd(drawn) : drawn) + " " + ladder.frame(row, at: last) + "\n")
        for note in row.notes {
            for line in layout.wrapped(
                "! " + note, indent: widths.time + widths.frame + 2, hanging: 2)
            {
                sink.write(palette.odd(line) + "\n")
            }
        }
    }

    /// `── SYN seq 0 ──▶`, `── FIN seq 9 ──×` for one that was lost, `×── RST ──▶` for one that was made.
    private func arrow(
        _ row: PathLadder.LadderRow, _ ladder: PathLadder, _ label: String
    ) -> String {
        let forward = ladder.path.goesForward(row.trace.sender)
        let isCut = row.trace.after != nil
        let isMade = row.trace.before != nil
        let room = isCut || isMade ? arrow * 3 / 4 : arrow
        let text = label.elided(max(0, room - 6))
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
    ) -> String {
        let (segment, sender) = (row.segment, row.trace.sender)
        let tap = row.trace.sightings[0].tap
        func offset(_ number: SequenceNumber, _ role: Role) -> Int32 {
            number.distance(from: zero[role]?[tap] ?? number)
        }
        let flags = segment.flags.subtracting([.psh, .ece, .cwr]).description
        let length = segment.payloadLength > 0 ? " len \(segment.payloadLength)" : ""
        let ack =
            segment.flags.contains(.ack)
            ? " ack \(offset(segment.acknowledgmentNumber, sender.peer))" : ""
        return "\(flags) seq \(offset(segment.sequenceNumber, sender))\(length)\(ack)"
    }

    /// Seconds with six decimals.
    private func seconds(_ span: TimeSpan) -> String {
        let micros = span.nanoseconds.magnitude / 1000
        let digits = String(micros % 1_000_000)
        return (span.nanoseconds < 0 ? "-" : "") + "\(micros / 1_000_000)."
            + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
