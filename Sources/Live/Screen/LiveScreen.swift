import Capture
import Diagnosis
import Glibc
import Host
import Reports
import TCPState
import TerminalUI
import Tracking
import Wire

/// The screen of a live run: the board, the terminal that shows it, and what the ladder needs.
final class LiveScreen {
    private let terminal: Terminal
    private let hasColours: Bool
    private let isASCII: Bool
    private let spelling: StateSpelling
    private var board: ConnectionBoard
    private var shown: Canvas?
    private let decoder = Decoder()
    private var history = LadderHistory()
    private var selection = RowSelection(.all, .problem)
    /// What the head of the screen says.
    var figures = Figures()

    init(_ terminal: Terminal, spelling: StateSpelling, layout: TextLayout) {
        self.terminal = terminal
        self.spelling = spelling
        board = ConnectionBoard(spelling: spelling)
        hasColours = layout.palette.isOn
        isASCII = layout.isASCII
    }

    /// What to wait on for keys.
    var descriptor: Int32 { terminal.descriptor }

    /// The number of the connection with a key whose segments are wanted one by one; nil if none is.
    private func followed(_ key: FlowKey) -> UInt32? {
        guard board.wantsDetail, let row = board.selected, row.key == key else { return nil }
        return row.serial
    }

    /// Whether any connection's segments are.
    var isFollowing: Bool { board.wantsDetail }

    /// Keeps what a frame brought for the ladders: the transitions, and the segment, if it brought any or its
    /// connection is being looked at.
    func keep(
        _ segment: Segment, _ frame: borrowing Frame,
        _ entries: ArraySlice<LiveObserver.TransitionEntry>,
        _ connection: (UInt32) -> ConnectionRecord?
    ) {
        let number = frame.number
        for entry in entries { history.add(entry, frame: number) }
        let key = FlowKey(segment)
        var serials = Set(entries.lazy.filter { $0.key == key }.map(\.transition.connection))
        if let serial = followed(key) { serials.insert(serial) }
        for serial in serials where connection(serial)?.connection.lastFrame == number {
            let row = Ladder.LadderRow(
                segment, from: FlowKey.sender(of: segment), at: frame.timestamp, frame: number,
                notes: []
            )
            history.add(row, of: serial)
        }
    }

    /// Begins to gather rows.
    func beginRound() { selection = RowSelection(board.filter, board.order) }

    /// Takes a row.
    func offer(_ row: ConnectionRow) { selection.offer(row) }

    /// All rows have been offered: shows them.
    func endRound(_ detail: (ConnectionRow) -> [String]) {
        selection.finish()
        board.show(figures, selection)
        draw(detail)
    }

    /// Takes the keys that were pressed. Returns what the last one asks for beyond the screen.
    func handleKeys(_ detail: (ConnectionRow) -> [String]) -> ConnectionBoard.Action {
        guard let bytes = terminal.read() else { return .quit }
        var action = ConnectionBoard.Action.none
        for key in Key.keys(in: bytes) where action != .quit {
            let next = board.press(key)
            if next == .suspend { terminal.suspend() }
            if next == .redraw || next == .suspend { shown = nil }
            if next != .none { action = next }
        }
        if !bytes.isEmpty { draw(detail) }
        return action
    }

    /// Shows the board as it stands.
    func draw(_ detail: (ConnectionRow) -> [String]) {
        if board.wantsDetail, let row = board.selected { board.show(detail: detail(row)) }
        // What it has not taken yet, it shows late; the next round shows what is then.
        guard terminal.isReady else { return }
        let size = terminal.size
        let canvas = board.draw(width: size.width, height: size.height)
        let update = canvas.update(from: shown, colours: hasColours)
        if update.isEmpty || terminal.write(isASCII ? update.inASCII : update) { shown = canvas }
    }

    /// A connection in words, and segment by segment.
    func detail(
        _ row: ConnectionRow, _ record: ConnectionRecord?, _ problem: FindingExample?
    ) -> [String] {
        guard let record else {
            return ["The connection has ended and was removed from the table."]
        }
        var lines: [String] = []
        if let problem {
            let group = FindingGroup(problem)
            lines.append("! \(problem.finding.diagnosis.name): \(group.sentence)")
            lines += group.remedy.map { "- " + $0 }
        }
        if let process = row.process { lines.append("process: \(process)") }
        let ladder = history.ladder(record)
        let total = record.connection.client.packets + record.connection.server.packets
        if total > UInt64(ladder.rows.count) {
            lines.append(
                "\(Count(ladder.rows.count)) of \(Count(total).of("segment")) shown. Before this view was opened,"
                    + " only segments that changed a state were kept, at most 400 of them.")
        }
        var sink = TextSink()
        var layout = TextLayout()
        layout.columns = min(
            max(terminal.size.width, TextLayout.widths.lowerBound), TextLayout.widths.upperBound)
        var format = TextLadder(spelling: spelling, layout: layout)
        format.write(ladder, to: &sink)
        lines += sink.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.flatMap { fold($0) }
    }

    /// Breaks a long line between words.
    private func fold(_ line: String) -> [String] {
        guard line.count > terminal.size.width else { return [line] }
        var lines = [""]
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            if lines[lines.count - 1].count + 1 + word.count > terminal.size.width {
                lines.append("")
            }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
        }
        return lines
    }

    /// Gives the terminal back.
    func close() { terminal.close() }
}
