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
        for (index, pair) in report.comparison.pairs.enumerated() {
            writePair(index, pair, report, &sink)
        }
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
                    "\(Count(counts.leftOut).of("segment")) had no room and"
                        + " \(counts.leftOut == 1 ? "is" : "are") compared with nothing: raise --max-segments, or use a filter.",
                    indent: 2, &sink)
            }
            if let dropped = counts.dropped, dropped > 0 {
                line("The capture lost \(Count(dropped).of("packet")) itself.", indent: 2, &sink)
            }
        }
    }

    // MARK: A pair of taps

    private func writePair(
        _ index: Int, _ pair: PairComparison, _ report: ComparisonReport,
        _ sink: inout some Sink & ~Copyable
    ) {
        let (near, far) = (pair.near.name.visible, pair.far.name.visible)
        sink.write(palette.strong("\(near) to \(far)") + "\n")
        let kinds = ConnectionMatch.Kind.allCases.compactMap { kind -> String? in
            let count = pair.matches.count { $0.kind == kind }
            return count == 0 ? nil : "\(Count(count)) \(TextComparison.words(kind))"
        }
        let only = [(near, pair.near, 0), (far, pair.far, 1)].map { name, tap, _ in
            "\(Count(tap.connections.count - pair.matches.count)) at \(name) only"
        }
        let found = Count(pair.matches.count).of("connection")
        line(
            "\(found) at both"
                + (kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))")
                + ", \(only.joined(separator: ", ")).", indent: 2, &sink)
        writeClock(pair, &sink)
        for isOutward in [true, false] {
            let tally = pair.tally(isOutward: isOutward)
            let text = TextComparison.text(tally)
            guard !text.isEmpty else { continue }
            line(
                "\(isOutward ? near : far) → \(isOutward ? far : near): \(text).", indent: 2, &sink)
        }
    }

    private static func words(_ kind: ConnectionMatch.Kind) -> String {
        switch kind {
        case .same: "with the same addresses"
        case .translated: "translated"
        case .relayed: "joined by a proxy, inferred"
        }
    }

    /// `1,000 arrived, 3 lost`.
    static func text(_ tally: PathTally) -> String {
        let words: [(SegmentFate, String)] = [
            (.arrived, "arrived"), (.regrouped, "in segments of other sizes"), (.lost, "lost"),
            (.injected, "made between"), (.duplicated, "doubled"),
            (.missed, "missed by a tap"), (.notCovered, "not covered by both captures"),
        ]
        var parts = words.compactMap { fate, word in
            tally[fate] > 0 ? "\(Count(tally[fate])) \(word)" : nil
        }
        if tally.reordered > 0 { parts.append("\(Count(tally.reordered)) overtaken") }
        if tally.altered > 0 { parts.append("\(Count(tally.altered)) altered") }
        return parts.joined(separator: ", ")
    }

    private func writeClock(_ pair: PairComparison, _ sink: inout some Sink & ~Copyable) {
        let name = pair.far.name.visible
        guard let piece = pair.clock.pieces.last else {
            return line(
                "The clocks cannot be compared: no segment is at both taps.", indent: 2, &sink)
        }
        let ahead = piece.offset.nanoseconds >= 0
        var text =
            "The \(name) clock is \(ClockText.span(piece.offset.magnitude)) \(ahead ? "ahead" : "behind")"
        if let margin = piece.margin {
            text += " (± \(ClockText.span(margin)), at \(layout.time(piece.reference).clock(3)))"
        } else {
            text +=
                " or \(piece.offset.nanoseconds >= 0 ? "less" : "more"): segments went one way only"
        }
        if let bounds = piece.driftBounds {
            text +=
                " and gains \(ClockText.ppm(piece.drift)) ppm (\(ClockText.ppm(bounds.lowerBound)) to"
                + " \(ClockText.ppm(bounds.upperBound)))"
        }
        line(text + ".", indent: 2, &sink)
        if pair.clock.steps > 0 {
            line(
                "A clock was set \(Count(pair.clock.steps).of("time")) meanwhile; this is the last stretch.",
                indent: 2, &sink)
        }
    }

    // MARK: Verdicts

    private func writeGroup(
        _ kind: PathVerdict.Kind, _ paths: [Int], _ report: ComparisonReport,
        _ sink: inout some Sink & ~Copyable
    ) {
        let heading = "\(kind.rawValue): \(Count(paths.count).of("connection"))"
        sink.write("\n" + (kind.isTrouble ? palette.odd(heading) : palette.strong(heading)) + "\n")
        let isQuiet = !kind.isTrouble && limit != nil
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
                let place = last.isEmpty ? "" : "  at \(report.name(tap).visible): "
                sink.write("  " + place + text + "\n")
            }
            last = text
        }
        for verdict in report.verdicts[index] {
            let words = PathWords(report: report, verdict: verdict)
            let grade = verdict.kind == .unremarkable ? "" : " (\(verdict.grade.name))"
            line("- " + words.sentence + grade, indent: 4, hanging: 2, &sink)
        }
    }
}

extension PathVerdict.Kind {
    /// Whether somebody has to look at it.
    var isTrouble: Bool {
        switch self {
        case .altered, .lossRecovered, .closed, .unremarkable: false
        default: true
        }
    }
}

/// Offsets and drifts of clocks as text.
enum ClockText {
    /// `1.482301 s`, `0.120 ms`.
    static func span(_ span: TimeSpan) -> String {
        let nanoseconds = span.nanoseconds
        if nanoseconds >= 1_000_000_000 {
            return "\(decimal(nanoseconds / 1000, places: 6)) s"
        }
        return "\(decimal(nanoseconds / 1000, places: 3)) ms"
    }

    /// Parts per million with one digit after the point.
    static func ppm(_ rate: Double) -> String {
        let tenths = Int64((rate * 1e7).rounded())
        return (tenths < 0 ? "-" : "") + decimal(Int64(tenths.magnitude), places: 1)
    }

    private static func decimal(_ value: Int64, places: Int) -> String {
        let digits = String(value)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return padded.dropLast(places) + "." + padded.suffix(places)
    }
}
