internal import Comparison
internal import Diagnosis
internal import TCPState
internal import Wire

/// A comparison of taps for people: what they saw, their clocks, what was lost where, then the verdicts, the most telling
/// first.
public struct TextComparison: Format {
    private let layout: TextLayout
    private let limit: Int?
    private var palette: Palette { layout.palette }

    /// Connections of a kind of verdict that are shown unless all are asked for.
    public static let standardLimit = 3

    /// - Parameter limit: connections shown of each kind of verdict; nil for all.
    public init(layout: TextLayout = TextLayout(), limit: Int? = standardLimit) {
        self.layout = layout
        self.limit = limit
    }

    /// Writes a comparison.
    public mutating func write(_ report: ComparisonReport, to sink: inout some Sink & ~Copyable) {
        writeTaps(report, &sink)
        if report.comparison.isUnrelated {
            sink.write("\nNo connection of one tap was found at another.\n")
            return
        }
        sink.write("\n")
        for pair in report.comparison.pairs { writePair(pair, &sink) }
        for group in report.groups { writeGroup(group.kind, group.paths, report, &sink) }
    }

    private func line(
        _ text: String, indent: Int = 0, hanging: Int = 0, _ sink: inout some Sink & ~Copyable
    ) {
        for line in layout.wrapped(text, indent: indent, hanging: hanging) {
            sink.write(line + "\n")
        }
    }

    // MARK: Taps

    private func writeTaps(_ report: ComparisonReport, _ sink: inout some Sink & ~Copyable) {
        for (index, tap) in report.comparison.taps.enumerated() {
            let files = report.captures[index].files
            let names = files.prefix(3).map { ($0 == "-" ? "standard input" : $0).visible }
            let rest = files.count > 3 ? " and \(files.count - 3) more" : ""
            sink.write(
                palette.strong("\(tap.name.visible) tap") + ": "
                    + layout.fitted(
                        names.joined(separator: ", ") + rest,
                        layout.columns - tap.name.count - 6) + "\n")
            let counts = tap.counts
            var text =
                "\(Count(counts.frames).of("frame")): \(Count(counts.segments)) TCP;"
                + " \(Count(tap.connections.count).of("connection"))"
            if let first = counts.first, let last = counts.last {
                text += "; \(layout.time(first).iso8601), \(Age(last - first))"
            }
            line(text, indent: 2, &sink)
            if counts.leftOut > 0 {
                line(
                    "\(Count(counts.leftOut).of("segment")) did not fit into memory and"
                        + " \(counts.leftOut == 1 ? "is" : "are") not compared: raise --max-segments, or use a filter.",
                    indent: 2, &sink)
            }
            if let dropped = counts.dropped, dropped > 0 {
                line("The capture itself lost \(Count(dropped).of("packet")).", indent: 2, &sink)
            }
        }
    }

    // MARK: A pair of taps

    private func writePair(_ pair: PairComparison, _ sink: inout some Sink & ~Copyable) {
        let words = PairWords(pair, layout)
        sink.write(
            palette.strong("\(pair.near.name.visible) to \(pair.far.name.visible)") + "\n")
        for text in [words.matches, words.clock] + words.fates { line(text, indent: 2, &sink) }
    }

    // MARK: Verdicts

    private func writeGroup(
        _ kind: PathVerdict.Kind, _ paths: [Int], _ report: ComparisonReport,
        _ sink: inout some Sink & ~Copyable
    ) {
        let heading = "\(kind.rawValue): \(Count(paths.count).of("connection"))"
        sink.write("\n" + (kind.isProblem ? palette.odd(heading) : palette.strong(heading)) + "\n")
        let isQuiet = !kind.isProblem && limit != nil
        let shown = limit.map { paths.prefix(isQuiet ? 1 : $0) } ?? paths[...]
        for path in shown { write(path, report, &sink) }
        if paths.count > shown.count {
            line("\(Count(paths.count - shown.count)) more (--all)", indent: 2, &sink)
        }
    }

    private func write(
        _ index: Int, _ report: ComparisonReport, _ sink: inout some Sink & ~Copyable
    ) {
        let path = report.comparison.paths[index]
        let taps = report.comparison.taps
        var last = ""
        for tap in path.seenBy {
            let ends = [Role.client, .server].map { path.text($0, at: tap, taps) ?? "" }
            let text = "\(ends[0]) → \(ends[1])"
            if text != last {
                let prefix = last.isEmpty ? "" : "  at \(report.name(tap).visible): "
                sink.write("  " + prefix + text + "\n")
            }
            last = text
        }
        for verdict in report.verdicts[index] {
            let grade = verdict.kind == .unremarkable ? "" : " (\(verdict.grade.name))"
            line("- " + report.sentence(of: verdict) + grade, indent: 4, hanging: 2, &sink)
        }
    }
}

extension PathVerdict.Kind {
    /// Whether it needs attention.
    package var isProblem: Bool {
        switch self {
        case .altered, .lossRecovered, .closed, .unremarkable: false
        default: true
        }
    }
}
