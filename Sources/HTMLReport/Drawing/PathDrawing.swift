internal import Comparison
internal import Reports
internal import TCPState
internal import Wire

/// A connection past all taps in SVG: time downwards, a lane for each tap, an arrow for each segment. What was lost ends
/// in a cross between two lanes, what was made there begins with one. Long runs of segments that arrived are folded.
struct PathDrawing {
    private let ladder: PathLadder

    private static let width = 900.0
    private static let lanes = 220.0...780.0
    private static let rowHeight = 24.0
    /// Rows that are drawn at the most.
    private static let rowLimit = 60

    init(_ ladder: PathLadder) { self.ladder = ladder }

    private var taps: [Tap] { ladder.report.comparison.taps }

    /// Where a tap's lane is.
    private func lane(_ tap: Int) -> Double {
        let span = PathDrawing.lanes.upperBound - PathDrawing.lanes.lowerBound
        return PathDrawing.lanes.lowerBound + span * Double(tap) / Double(max(1, taps.count - 1))
    }

    /// The picture.
    var drawing: Markup {
        let kept = LadderRows.choose(
            ladder.rows.map {
                !$0.notes.isEmpty || !$0.trace.isWhole
                    || !$0.segment.flags.isDisjoint(with: [.syn, .fin, .rst])
            }, limit: PathDrawing.rowLimit)
        var body = Markup.none
        var y = 52 + PathDrawing.rowHeight / 2
        var folded = 0
        func fold() {
            guard folded > 0 else { return }
            body += tag(
                "text",
                ["class": "fold", "x": "500", "y": number(y + 4), "text-anchor": "middle"],
                "… \(grouped(folded)) more \(folded == 1 ? "segment" : "segments") …")
            y += PathDrawing.rowHeight
            folded = 0
        }
        for (row, isKept) in zip(ladder.rows, kept) {
            guard isKept else {
                folded += 1
                continue
            }
            fold()
            body += draw(row, at: y)
            y += PathDrawing.rowHeight
        }
        fold()
        let height = y + 6
        var content = tag("title", title)
        for tap in taps.indices { content += head(tap, height) }
        return tag(
            "svg",
            [
                "class": "ladder", "viewBox": "0 0 \(Int(PathDrawing.width)) \(Int(height))",
                "role": "img", "aria-label": title,
            ], content + body)
    }

    private var title: String {
        let tap = ladder.path.seenBy.first ?? 0
        let ends = [Role.client, .server].map { ladder.path.text($0, at: tap, taps) ?? "" }
        return "Segments of the connection from \(ends[0]) to \(ends[1])"
    }

    private func head(_ tap: Int, _ height: Double) -> Markup {
        let x = lane(tap)
        let isClientFirst = ladder.path.isOpenerFirst
        let role: Role = (tap == 0) == isClientFirst ? .client : .server
        let isEnd = tap == 0 || tap == taps.count - 1
        let end = isEnd ? ladder.path.text(role, at: tap, taps) ?? "" : ""
        return tag(
            "text", ["class": "end", "x": number(x), "y": "16", "text-anchor": "middle"],
            "\(taps[tap].name) tap")
            + tag(
                "text", ["class": "axis", "x": number(x), "y": "32", "text-anchor": "middle"],
                isEnd ? "\(role.name) \(end)" : "")
            + tag(
                "line",
                [
                    "class": "lane", "x1": number(x), "x2": number(x), "y1": "40",
                    "y2": number(height - 6),
                ])
    }

    private func draw(_ row: PathLadder.LadderRow, at y: Double) -> Markup {
        let (trace, sightings) = (row.trace, row.trace.sightings)
        let isOdd = row.segment.flags.contains(.rst) || !row.notes.isEmpty
        let forward = ladder.path.goesForward(trace.sender)
        let gap = (lane(1) - lane(0)) * (forward ? 0.5 : -0.5)
        let xs = sightings.map { lane($0.tap) }
        let start = trace.before == nil ? xs[0] : xs[0] - gap
        let last = xs[xs.count - 1]
        let end = trace.after == nil ? last : last + gap
        let notes = row.notes.isEmpty ? "" : "  (" + row.notes.joined(separator: "; ") + ")"
        var result = tag(
            "text", ["class": "axis", "x": "90", "y": number(y + 4), "text-anchor": "end"],
            LadderRows.seconds(row.time - ladder.path.first))
        // A segment that starts and ends at one lane has come from, or gone to, where no capture covers it.
        result +=
            LadderArrow(
                from: start, to: start == end ? end + gap : end, y: y, isOdd: isOdd,
                label: LadderRows.label(row.segment.flags, row.segment.payloadLength) + notes,
                isLost: trace.after?.fate == .lost, isMade: trace.isMadeBetween
            ).drawing
        for sighting in sightings {
            let isLeft = sighting.tap == 0
            result += tag(
                "text",
                [
                    "class": "axis", "x": number(lane(sighting.tap) + (isLeft ? -8 : 8)),
                    "y": number(y + 8), "text-anchor": isLeft ? "end" : "start",
                ], ladder.frame(row, at: sighting.tap))
        }
        return result
    }
}
