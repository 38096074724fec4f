internal import Diagnosis
internal import Reports
internal import TCPState
internal import Wire

extension ConnectionBoard {
    /// Who, when, how much; below it what was lost, which is never out of sight.
    func drawHead(_ canvas: inout Canvas) {
        let width = canvas.width
        let clock = TimeText(figures.now).clock(0) + "Z"
        let state = isFrozen ? " FROZEN " : ""
        let right = "\(state)\(clock)  up \(Age(figures.elapsed))"
        let name = "wirestate  " + figures.interfaces.joined(separator: " ")
        canvas.put(name.elided(max(10, width - right.count - 2)), x: 0, y: 0, .strong)
        canvas.put(right, x: width - right.count, y: 0, isFrozen ? [.strong, .odd] : [])
        canvas.put(
            "\(Count(figures.rate)) packets/s, \(Count(figures.frames)) in all;"
                + " \(Count(figures.connections).of("connection")), \(Count(figures.allConnections))"
                + " in all", x: 0, y: 1)
        let stuck =
            figures.stuck == 0 ? "nothing stuck" : "\(Count(figures.stuck)) stuck"
        let isLossy = figures.dropped + figures.droppedByInterface > 0
        let losses =
            "lost: \(Count(figures.dropped)) by the kernel,"
            + " \(Count(figures.droppedByInterface)) by the interface"
        // A narrow screen has no room for who lost them.
        let short = "lost: \(Count(figures.dropped &+ figures.droppedByInterface))"
        let room = width - stuck.count - 2
        var x = canvas.put(
            losses.count <= room ? losses : short, x: 0, y: 2, isLossy ? .bad : .faint)
        if figures.evicted > 0 {
            x = canvas.put(
                "; table full: \(Count(figures.evicted)) removed early", x: x, y: 2, .bad)
        }
        if !figures.lost.isEmpty {
            x = canvas.put(
                "; interface lost: \(figures.lost.joined(separator: " "))", x: x, y: 2,
                [.strong, .bad])
        }
        canvas.put(
            stuck, x: max(x + 2, width - stuck.count), y: 2,
            figures.stuck == 0 ? .good : [.strong, .bad])
    }

    /// The states of both sides with their history, in two columns. Returns the row after them.
    func drawStates(_ canvas: inout Canvas, from y: Int) -> Int {
        let states: [State] = [
            .synSent, .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing,
            .lastAck, .timeWait, .closed,
        ]
        // A narrow screen has one column, for the states that occur.
        let isNarrow = canvas.width < 60
        let present = states.filter {
            !isNarrow || figures.clients[$0] + figures.servers[$0] > 0 || $0 == .established
        }
        let columns = isNarrow ? 1 : 2
        let rows = isNarrow ? min(5, present.count) : (states.count + 1) / 2
        let half = (canvas.width - 2 * (columns - 1)) / columns
        for column in 0..<columns {
            let x = column * (half + 2)
            let heading = [" 5 MINUTES", " 5 MIN", ""].first { $0.count <= half - 27 } ?? ""
            canvas.put(
                "STATE".left(11) + "CLIENTS".right(8) + "SERVERS".right(8) + heading, x: x, y: y,
                .faint)
            for row in 0..<rows {
                let index = column * rows + row
                guard index < present.count else { continue }
                let state = present[index]
                let clients = figures.clients[state]
                let servers = figures.servers[state]
                let style: Style = clients + servers == 0 ? .faint : style(of: state)
                let end = canvas.put(
                    state.name(spelling).left(11) + count(clients) + count(servers), x: x,
                    y: y + 1 + row, style)
                // A closed socket is no socket: how many there were tells nothing.
                guard state != .closed else { continue }
                canvas.put(
                    history.sparkline(state, width: max(0, min(60, x + half - end - 1))),
                    x: end + 1, y: y + 1 + row, style)
            }
        }
        return y + 1 + rows
    }

    private func count(_ number: UInt64) -> String {
        number < 1_000_000 ? Count(number).description.right(8) : "\(number / 1_000_000)M".right(8)
    }

    private func style(of state: State) -> Style {
        switch state {
        case .closeWait, .finWait2, .lastAck, .closing, .finWait1: .odd
        case .unknown, .closed, .listen, .synSent, .synReceived, .established, .timeWait: []
        }
    }

    /// The connections.
    mutating func drawTable(_ canvas: inout Canvas, from y: Int) {
        let rows = selection.rows
        let room = max(0, canvas.height - y - 2)
        let index = rows.firstIndex { $0.serial == selected?.serial } ?? 0
        top = max(0, min(top, rows.count - room))
        top = min(max(top, index - room + 1), index)
        let visible = rows.dropFirst(max(0, top)).prefix(room)
        for row in visible {
            widest.client = max(widest.client, row.client.text.count)
            widest.server = max(widest.server, row.server.text.count)
        }
        let columns = Columns(canvas.width, widest: widest)
        canvas.put(columns.head, x: 0, y: y, [.strong])
        for (offset, row) in visible.enumerated() {
            let line = y + 1 + offset
            canvas.put(
                columns.text(row, spelling), x: 0, y: line,
                row.problem == nil ? (row.isOver ? .faint : []) : .bad)
            if row.serial == selected?.serial { canvas.paint(row: line, .reversed) }
        }
        if rows.isEmpty {
            let words = filter.text.isEmpty ? "No connection yet." : "No connection matches."
            canvas.put(words, x: 2, y: y + 2, .faint)
        }
    }

    func drawDetail(_ canvas: inout Canvas, from y: Int) {
        let room = max(0, canvas.height - y - 1)
        let lines = detail.isEmpty ? ["…"] : detail
        for (offset, line) in lines.dropFirst(top).prefix(room).enumerated() {
            canvas.put(line, x: 0, y: y + offset, line.hasPrefix("!") ? .bad : [])
        }
    }

    func drawHelp(_ canvas: inout Canvas, from y: Int) {
        let keys = [
            ("↑ ↓ j k PgUp PgDn g G", "move"), ("enter", "one connection, as a ladder"),
            ("esc", "back; in the table: remove the filter"), ("/", "filter"),
            ("s", "order: " + Order.allCases.map(\.rawValue).joined(separator: ", ")),
            ("f", "freeze the screen, and continue"), ("^L", "redraw"), ("^Z", "suspend"),
            ("q", "quit, with the full report"),
        ]
        let filters = [
            ("state:close-wait", "either end, in any spelling"),
            ("port:443 host:10.0.0.5", "also host:10.0.0.0/8, host:10.0."),
            ("kind:close-wait-leak", "what is wrong"), ("fault:server", "who has to act"),
            ("process:nginx", "the local program"), ("stuck", "whatever is stuck"),
            ("age>60s age<5m", "time in the state: ms, s, m, h, d"),
            ("bytes>10k retrans>3", "payload, retransmissions"),
        ]
        func text(_ row: (name: String, meaning: String)) -> String {
            "  " + row.name.left(24) + row.meaning
        }
        let lines =
            ["Keys"] + keys.map(text) + ["Filters: all must hold; ! before one negates it"]
            + filters.map(text)
        let room = max(0, canvas.height - y - 1)
        for (offset, line) in lines.dropFirst(top).prefix(room).enumerated() {
            canvas.put(line, x: 0, y: y + offset, line.hasPrefix(" ") ? [] : .strong)
        }
    }

    func drawFoot(_ canvas: inout Canvas) {
        let y = canvas.height - 1
        if case .typing(let text) = mode {
            let x = canvas.put("/\(text)", x: 0, y: y, .strong)
            canvas.put("▏", x: x, y: y)
            if let mistake {
                // Over the line above: a list of words is long.
                canvas.put(mistake.left(canvas.width), x: 0, y: y - 1, .bad)
            }
            return
        }
        let shown =
            mode == .table
            ? "\(Count(selection.matching)) of \(Count(selection.total)), by \(order.rawValue)"
                + (filter.text.isEmpty ? "" : ", \(filter.text)") : ""
        let help =
            canvas.width < 60
            ? "? help  q quit" : "? help  / filter  s sort  f freeze  q quit"
        let keys = mode == .table ? help : "esc back  q quit"
        let left = figures.notice.isEmpty || mode != .table ? shown : shown + "  " + figures.notice
        canvas.put(left.elided(max(8, canvas.width - keys.count - 2)), x: 0, y: y, .faint)
        canvas.put(keys, x: canvas.width - keys.count, y: y, .faint)
    }
}

/// How wide the columns of the table are: as wide as the ends need, and what is left says what is the
/// matter and whose socket it is.
struct Columns {
    private let client: Int
    private let server: Int
    private let rest: Int
    private let width: Int

    /// - Parameter widest: characters of the longest client and server.
    init(_ width: Int, widest: (client: Int, server: Int)) {
        self.width = width
        // A mark, two states, an age, the gaps between, and on all but narrow screens some of what is the
        // matter.
        let room = width - 2 - 2 * 12 - 9 - 2 - (width < 80 ? 0 : 13)
        let half = max(12, room / 2)
        client = max(12, min(widest.client, max(half, room - widest.server)))
        server = max(12, min(widest.server, room - client))
        rest = width - 2 - 2 * 12 - 9 - 2 - client - server
    }

    /// Whether there is room for payload and retransmissions.
    private var hasCounts: Bool { rest >= 48 }

    var head: String {
        let start =
            "  " + "CLIENT".left(client + 1) + "SERVER".left(server + 1) + "CLIENT IS".left(12)
            + "SERVER IS".left(12) + "FOR".right(8)
        return start + (hasCounts ? "BYTES".right(10) + "RETR".right(6) : "")
            + (rest >= 8 ? " WHAT" : "")
    }

    func text(_ row: ConnectionRow, _ spelling: StateSpelling) -> String {
        func state(_ end: ConnectionRow.End) -> String { end.state.name(spelling).left(12) }
        var line = row.problem == nil ? "  " : "! "
        line += row.client.text.elided(client).left(client + 1)
        line += row.server.text.elided(server).left(server + 1)
        line += state(row.client) + state(row.server)
        line += Age(row.age).description.right(8)
        if hasCounts {
            line += size(row.bytes).right(10)
            line += (row.retransmissions == 0 ? "" : String(row.retransmissions)).right(6)
        }
        // The states say most of what is the matter; whose socket it is, they do not.
        let process = row.process
        let words =
            rest < 24 && process != nil ? [process] : [row.problem?.diagnosis.name, process]
        let what = words.compactMap { $0 }.joined(separator: ", ")
        // Cut in the middle, so that the process's number stays.
        return line + " " + what.elided(max(0, width - line.count - 1))
    }

    private func size(_ bytes: UInt64) -> String {
        switch bytes {
        case ..<100_000: "\(bytes)"
        case ..<100_000_000: "\(bytes / 1000)k"
        case ..<100_000_000_000: "\(bytes / 1_000_000)M"
        default: "\(bytes / 1_000_000_000)G"
        }
    }
}
