package import Reports
internal import TCPState
internal import Wire

/// A connection as a ladder in SVG: time downwards, the client left, the server right, an arrow for each segment, the
/// states beside the lanes. Long runs of plain segments are folded.
package struct LadderDrawing {
    private let ladder: Ladder
    private let frames: FrameNumbering

    private let layout: Layout

    /// How wide it is.
    package enum Size: String, Sendable {
        /// For a report, or a page on anything but a phone.
        case page
        /// For a phone: without the numbers of frames, notes below the arrows.
        case narrow
    }

    /// Where things stand.
    private struct Layout {
        let width: Double
        let lanes: (client: Double, server: Double)
        let rowHeight: Double
        let stateWidth: Double
        /// Where the numbers of frames end; nil where there are none.
        let frames: Double?
        /// Where the times end.
        let times: Double

        init(_ size: Size) {
            switch size {
            case .page:
                (width, lanes, rowHeight, stateWidth) = (900, (300, 660), 24, 110)
                (frames, times) = (40, 112)
            case .narrow:
                (width, lanes, rowHeight, stateWidth) = (440, (152, 340), 32, 90)
                (frames, times) = (nil, 46)
            }
        }

        /// Between the lanes.
        var middle: Double { (lanes.client + lanes.server) / 2 }
        var isNarrow: Bool { frames == nil }
    }

    /// Rows that are drawn at the most.
    private static let rowLimit = 60

    /// - Parameter frames: how frames are named.
    package init(_ ladder: Ladder, frames: FrameNumbering, size: Size = .page) {
        self.ladder = ladder
        layout = Layout(size)
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
        let height = 46 + Double(rows.count) * layout.rowHeight + 14
        let title =
            "\(record.address(client).text(port: record.port(client))) to \(record.address(server).text(port: record.port(server)))"
        var content = tag("title", "Segments of the connection from \(title)")
        content += head(
            record.address(client).text(port: record.port(client)), "client",
            layout.lanes.client)
        content += head(
            record.address(server).text(port: record.port(server)), "server",
            layout.lanes.server)
        for lane in [layout.lanes.client, layout.lanes.server] {
            content += tag(
                "line",
                [
                    "class": "lane", "x1": number(lane), "x2": number(lane), "y1": "40",
                    "y2": number(height - 6),
                ])
        }
        var y = 46 + layout.rowHeight / 2
        for row in rows {
            content += draw(row, at: y)
            y += layout.rowHeight
        }
        return tag(
            "svg",
            [
                "class": layout.isNarrow ? "ladder narrow" : "ladder",
                "viewBox": "0 0 \(Int(layout.width)) \(Int(height))",
                "role": "img", "aria-label": "Segments of the connection from \(title)",
            ],
            content)
    }

    private func head(_ name: String, _ role: String, _ x: Double) -> Markup {
        // On a phone two addresses do not fit beside each other: the page's heading has them.
        (layout.isNarrow
            ? .none
            : tag(
                "text", ["class": "end", "x": number(x), "y": "16", "text-anchor": "middle"], name))
            + tag(
                "text", ["class": "axis", "x": number(x), "y": "32", "text-anchor": "middle"], role)
    }

    private func draw(_ row: Row, at y: Double) -> Markup {
        switch row {
        case .fold(let count):
            let words = "… \(grouped(count)) more \(count == 1 ? "segment" : "segments") …"
            return fold(words, at: y)
        case .timer(let row):
            let name = row.transition.timer == .none ? "no frame" : row.transition.timer.name
            return time(row.time, "", at: y) + state(row, at: y) + fold(name, at: y)
        case .segment(let row, let changes):
            var result = time(row.time, frames.text(row.frame), at: y)
            result += arrow(row, at: y)
            for change in changes { result += state(change, at: y) }
            return result
        }
    }

    private func fold(_ words: String, at y: Double) -> Markup {
        tag(
            "text",
            [
                "class": "fold", "x": number(layout.middle), "y": number(y + 4),
                "text-anchor": "middle",
            ], words)
    }

    private func time(_ time: Timestamp, _ frame: String, at y: Double) -> Markup {
        let seconds = LadderRows.seconds(time - ladder.record.connection.firstSeen)
        func cell(_ text: String, end x: Double) -> Markup {
            tag(
                "text",
                ["class": "axis", "x": number(x), "y": number(y + 4), "text-anchor": "end"], text)
        }
        guard let frames = layout.frames else {
            return cell(String(seconds.dropLast(3)), end: layout.times)
        }
        return cell(frame, end: frames) + cell(seconds, end: layout.times)
    }

    private func arrow(_ row: Ladder.LadderRow, at y: Double) -> Markup {
        let isFromClient = row.sender == ladder.record.connection.opener
        let (client, server) = layout.lanes
        let label = LadderRows.label(row.flags, row.payloadLength)
        let notes = row.notes.joined(separator: "; ")
        var arrow = LadderArrow(
            from: isFromClient ? client : server, to: isFromClient ? server : client, y: y,
            isOdd: row.flags.contains(.rst) || !row.notes.isEmpty, label: label)
        if layout.isNarrow {
            arrow.note = notes
        } else if !notes.isEmpty {
            arrow.label += "  (" + notes + ")"
        }
        return arrow.drawing
    }

    /// A state beside its lane; how sure it is stands behind it, or in it where there is no room.
    private func state(_ row: TransitionRow, at y: Double) -> Markup {
        let isClient = row.transition.side == ladder.record.connection.opener
        let width = layout.stateWidth
        let x = isClient ? layout.lanes.client - width - 8 : layout.lanes.server + 8
        let state = row.transition.to
        let isProved = row.transition.grade == .proved
        let half = layout.isNarrow && !isProved ? 13.0 : 9.0
        var result = tag(
            "rect",
            [
                "class": "state \(state.colorClass)", "x": number(x), "y": number(y - half),
                "width": number(width), "height": number(2 * half), "rx": "4",
            ])
        result += tag(
            "text",
            [
                "class": "state", "x": number(x + width / 2), "y": number(y + 13 - half),
                "text-anchor": "middle",
            ], state.name(.netstat))
        if isProved { return result }
        let grade = row.transition.grade.name
        if layout.isNarrow {
            return result
                + tag(
                    "text",
                    [
                        "class": "state", "x": number(x + width / 2), "y": number(y + 10),
                        "text-anchor": "middle",
                    ], grade)
        }
        return result
            + tag(
                "text",
                [
                    "class": "grade", "x": number(isClient ? x - 4 : x + width + 4),
                    "y": number(y + 4), "text-anchor": isClient ? "end" : "start",
                ], grade)
    }
}
