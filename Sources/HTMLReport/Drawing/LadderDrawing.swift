package import Reports
internal import TCPState
internal import Wire

/// A connection as a ladder in SVG: time downwards, the client left, the server right, an arrow for each segment, the
/// states beside the lanes. Long runs of plain segments are folded.
package struct LadderDrawing {
    private let ladder: Ladder
    private let frames: FrameNumbering

    private static let width = 900.0
    private static let lanes = (client: 300.0, server: 660.0)
    private static let rowHeight = 24.0
    /// Rows that are drawn at the most.
    private static let rowLimit = 60

    /// - Parameter frames: how frames are named.
    package init(_ ladder: Ladder, frames: FrameNumbering) {
        self.ladder = ladder
        self.frames = frames
    }

    private enum Row {
        case segment(Ladder.LadderRow, changes: [TransitionRow])
        case timer(TransitionRow)
        case fold(Int)
    }

    /// Everything that changes or is odd, the first and last segments, and how many lie between.
    private var rows: [Row] {
        var changes = Dictionary(grouping: ladder.history, by: \.transition.frame)
        var all: [(row: Row, matters: Bool, time: Timestamp)] = []
        for row in ladder.rows {
            let found = changes.removeValue(forKey: row.frame) ?? []
            let prompt = found.filter { $0.transition.timer == .none }
            let matters =
                !prompt.isEmpty || !row.notes.isEmpty
                || !row.flags.isDisjoint(with: [.syn, .fin, .rst])
            all.append((.segment(row, changes: prompt), matters, row.time))
            for late in found where late.transition.timer != .none {
                all.append((.timer(late), true, late.time))
            }
        }
        let rest = changes.values.flatMap { $0 }
        all += rest.map { (.timer($0), true, $0.time) }
        let ordered = all.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
        let kept = LadderRows.choose(ordered.map(\.matters), limit: LadderDrawing.rowLimit)
        var rows: [Row] = []
        var folded = 0
        for (entry, isKept) in zip(ordered, kept) {
            if isKept {
                if folded > 0 { rows.append(.fold(folded)) }
                folded = 0
                rows.append(entry.row)
            } else {
                folded += 1
            }
        }
        if folded > 0 { rows.append(.fold(folded)) }
        return rows
    }

    /// The picture.
    package var drawing: Markup {
        let record = ladder.record
        let connection = record.connection
        let (client, server) = (connection.opener, connection.opener.peer)
        let rows = self.rows
        let height = 46 + Double(rows.count) * LadderDrawing.rowHeight + 14
        let title =
            "\(record.address(client).text(port: record.port(client))) to \(record.address(server).text(port: record.port(server)))"
        var content = tag("title", "Segments of the connection from \(title)")
        content += head(
            record.address(client).text(port: record.port(client)), "client",
            LadderDrawing.lanes.client)
        content += head(
            record.address(server).text(port: record.port(server)), "server",
            LadderDrawing.lanes.server)
        for lane in [LadderDrawing.lanes.client, LadderDrawing.lanes.server] {
            content += tag(
                "line",
                [
                    "class": "lane", "x1": number(lane), "x2": number(lane), "y1": "40",
                    "y2": number(height - 6),
                ])
        }
        var y = 46 + LadderDrawing.rowHeight / 2
        for row in rows {
            content += draw(row, at: y)
            y += LadderDrawing.rowHeight
        }
        return tag(
            "svg",
            [
                "class": "ladder", "viewBox": "0 0 \(Int(LadderDrawing.width)) \(Int(height))",
                "role": "img", "aria-label": "Segments of the connection from \(title)",
            ],
            content)
    }

    private func head(_ name: String, _ role: String, _ x: Double) -> Markup {
        tag("text", ["class": "end", "x": number(x), "y": "16", "text-anchor": "middle"], name)
            + tag(
                "text", ["class": "axis", "x": number(x), "y": "32", "text-anchor": "middle"], role)
    }

    private func draw(_ row: Row, at y: Double) -> Markup {
        switch row {
        case .fold(let count):
            let words = "… \(grouped(count)) more \(count == 1 ? "segment" : "segments") …"
            return tag(
                "text", ["class": "fold", "x": "480", "y": number(y + 4), "text-anchor": "middle"],
                words)
        case .timer(let row):
            let name = row.transition.timer == .none ? "no frame" : row.transition.timer.name
            return time(row.time, "", at: y) + state(row, at: y)
                + tag(
                    "text",
                    ["class": "fold", "x": "480", "y": number(y + 4), "text-anchor": "middle"], name
                )
        case .segment(let row, let changes):
            var result = time(row.time, frames.text(row.frame), at: y)
            result += arrow(row, at: y)
            for change in changes { result += state(change, at: y) }
            return result
        }
    }

    private func time(_ time: Timestamp, _ frame: String, at y: Double) -> Markup {
        let text = LadderRows.seconds(time - ladder.record.connection.firstSeen)
        return tag(
            "text", ["class": "axis", "x": "40", "y": number(y + 4), "text-anchor": "end"], frame)
            + tag(
                "text", ["class": "axis", "x": "112", "y": number(y + 4), "text-anchor": "end"],
                text)
    }

    private func arrow(_ row: Ladder.LadderRow, at y: Double) -> Markup {
        let isFromClient = row.sender == ladder.record.connection.opener
        let (from, to) =
            isFromClient
            ? (LadderDrawing.lanes.client, LadderDrawing.lanes.server)
            : (LadderDrawing.lanes.server, LadderDrawing.lanes.client)
        let notes = row.notes.isEmpty ? "" : "  (" + row.notes.joined(separator: "; ") + ")"
        return LadderArrow(
            from: from, to: to, y: y, isOdd: row.flags.contains(.rst) || !row.notes.isEmpty,
            label: LadderRows.label(row.flags, row.payloadLength) + notes
        ).drawing
    }

    private func state(_ row: TransitionRow, at y: Double) -> Markup {
        let isClient = row.transition.side == ladder.record.connection.opener
        let x = isClient ? LadderDrawing.lanes.client - 118 : LadderDrawing.lanes.server + 8
        let state = row.transition.to
        return tag(
            "rect",
            [
                "class": "state \(state.colorClass)", "x": number(x), "y": number(y - 9),
                "width": "110", "height": "18", "rx": "4",
            ])
            + tag(
                "text",
                [
                    "class": "state", "x": number(x + 55), "y": number(y + 4),
                    "text-anchor": "middle",
                ], state.name(.netstat))
            + (row.transition.grade == .proved
                ? .none
                : tag(
                    "text",
                    [
                        "class": "grade", "x": number(isClient ? x - 4 : x + 114),
                        "y": number(y + 4), "text-anchor": isClient ? "end" : "start",
                    ], row.transition.grade.name))
    }
}
