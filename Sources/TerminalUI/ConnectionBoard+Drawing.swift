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
            "\(figures.rate) packets/s, \(figures.frames) in all; \(figures.connections) connections,"
                + " \(figures.allConnections) in all", x: 0, y: 1)
        let isLossy = figures.dropped + figures.droppedByInterface > 0
        var x = canvas.put(
            "lost: \(figures.dropped) by the kernel, \(figures.droppedByInterface) by the interface",
            x: 0, y: 2, isLossy ? .bad : .faint)
        if figures.evicted > 0 {
            x = canvas.put("; table full: \(figures.evicted) left early", x: x, y: 2, .bad)
        }
        if !figures.lost.isEmpty {
            x = canvas.put(
                "; gone: \(figures.lost.joined(separator: " "))", x: x, y: 2, [.strong, .bad])
        }
        let stuck = figures.stuck == 0 ? "nothing stuck" : "\(figures.stuck) stuck"
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
        let half = (canvas.width - 2) / 2
        let rows = (states.count + 1) / 2
        for column in 0...1 {
            let x = column * (half + 2)
            canvas.put(
                "STATE".left(11) + "CLIENTS".right(8) + "SERVERS".right(8) + "  5 MINUTES", x: x,
                y: y, .faint)
            for row in 0..<rows {
                let index = column * rows + row
                guard index < states.count else { continue }
                let state = states[index]
                let clients = figures.clients[state]
                let servers = figures.servers[state]
                let style: Style = clients + servers == 0 ? .faint : style(of: state)
                let end = canvas.put(
                    state.name(spelling).left(11) + count(clients) + count(servers), x: x,
                    y: y + 1 + row, style)
                // A closed socket is no socket: how many there were tells nothing.
                guard state != .closed else { continue }
                canvas.put(
                    history.sparkline(state, width: min(60, x + half - end - 1)), x: end + 1,
                    y: y + 1 + row, style)
            }
        }
        return y + 1 + rows
    }

    private func count(_ number: UInt64) -> String {
        number < 10_000_000 ? String(number).right(8) : "\(number / 1_000_000)M".right(8)
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
                row.trouble == nil ? (row.isOver ? .faint : []) : .bad)
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
        let lines = [
            "↑ ↓ j k PgUp PgDn g G   move             enter   one connection, as a ladder",
            "s   order: trouble, age, newest, …       esc     back; in the table: no filter",
            "f   freeze the picture, and go on        /       filter",
            "^L  draw anew                            q       quit, with the full report",
            "",
            "Filters; all must hold, ! before one turns it round:",
            "  state:close-wait   either end, in any spelling      stuck",
            "  port:443  host:10.0.0.5  host:10.0.  process:nginx  any other word: anywhere",
            "  age>60s  age<5m    in its state, s, m or h          retrans>3",
        ]
        for (offset, line) in lines.enumerated() { canvas.put(line, x: 0, y: y + offset) }
    }

    func drawFoot(_ canvas: inout Canvas) {
        let y = canvas.height - 1
        if case .typing(let text) = mode {
            let x = canvas.put("/\(text)", x: 0, y: y, .strong)
            canvas.put("▏", x: x, y: y)
            if let mistake { canvas.put(mistake, x: x + 2, y: y, .bad) }
            return
        }
        let shown =
            mode == .table
            ? "\(selection.matching) of \(selection.total), by \(order.rawValue)"
                + (filter.text.isEmpty ? "" : ", \(filter.text)") : ""
        let keys =
            mode == .table ? "? help  / filter  s sort  f freeze  q quit" : "esc back  q quit"
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
        // A mark, two states, an age, and the gaps between.
        let room = width - 2 - 2 * 12 - 9 - 2
        let half = max(12, room / 2)
        client = max(12, min(widest.client, max(half, room - widest.server)))
        server = max(12, min(widest.server, room - client))
        rest = room - client - server
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
        var line = row.trouble == nil ? "  " : "! "
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
        let words = rest < 24 && process != nil ? [process] : [row.trouble?.name, process]
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
