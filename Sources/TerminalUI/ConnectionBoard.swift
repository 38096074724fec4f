internal import Diagnosis
public import Reports
public import TCPState

/// The screen: what it shows, and what keys do to it. Draws on a ``Canvas``; no terminal is needed.
public struct ConnectionBoard: Sendable {
    /// What a key asks for beyond the screen itself.
    public enum Action: Equatable, Sendable {
        /// Nothing.
        case none
        /// Filter or order have changed: fetch the rows again.
        case fetch
        /// Leave.
        case quit
        /// Draw everything, whatever the terminal shows.
        case redraw
        /// Give the terminal back and stop, until the shell continues the process.
        case suspend
    }

    /// What the lower part shows.
    enum Mode: Equatable {
        case table, detail, help
        /// A filter is being typed.
        case typing(String)
    }

    let spelling: StateSpelling
    /// The filter of the table.
    public private(set) var filter = ConnectionFilter.all
    /// The order of the table.
    public private(set) var order = Order.problem
    /// Whether the picture stands still.
    public private(set) var isFrozen = false
    /// The connection whose detail is shown, or that a key may open; nil if there is none.
    public private(set) var selected: ConnectionRow?

    var mode = Mode.table
    var figures = Figures()
    var history = StateHistory()
    var selection = RowSelection(.all, .problem)
    /// The first row of the table, or line of the detail, that is shown.
    var top = 0
    var detail: [String] = []
    /// Characters of the longest client and server that were shown: columns do not jump back.
    var widest = (client: 12, server: 12)
    /// What is wrong with the filter that was typed.
    var mistake: String?
    /// Whether a key has chosen the selected row; otherwise it is the first one.
    private var isPinned = false
    /// Rows of the lower part when it was drawn last.
    private var page = 10

    /// An empty screen.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// Whether the detail of ``selected`` is shown: ``show(detail:)`` is wanted.
    public var wantsDetail: Bool { mode == .detail }

    /// Takes a new picture, unless it is to stand still.
    public mutating func show(_ figures: Figures, _ selection: RowSelection) {
        history.add(figures.clients + figures.servers, at: figures.now)
        guard !isFrozen else { return }
        self.figures = figures
        self.selection = selection
        let serial = selected?.serial
        if isPinned, let row = selection.rows.first(where: { $0.serial == serial }) {
            selected = row
        } else if mode != .detail {
            isPinned = false
            selected = selection.rows.first
        }
    }

    /// Takes the lines of the detail.
    public mutating func show(detail: [String]) {
        if !isFrozen || self.detail.isEmpty { self.detail = detail }
    }

    /// Takes a key.
    public mutating func press(_ key: Key) -> Action {
        if key == .character("\u{03}") { return .quit }
        if key == .character("\u{0c}") { return .redraw }
        if key == .character("\u{1a}") { return .suspend }
        if case .typing(let text) = mode { return type(key, text) }
        switch key {
        case .character("q"): return .quit
        case .character("?"):
            mode = mode == .help ? .table : .help
            top = 0
        case .escape, .left, .backspace: return back()
        case .character("f"), .character(" "): isFrozen.toggle()
        case .character("/"):
            mode = .typing(filter.text)
            mistake = nil
        case .character("s"):
            let all = Order.allCases
            let next = (all.firstIndex(of: order) ?? 0) + 1
            order = all[next % all.count]
            top = 0
            isPinned = false
            return .fetch
        case .enter, .right:
            if mode == .table, selected != nil {
                mode = .detail
                isPinned = true
                detail = []
                top = 0
                return .fetch
            }
        case .up, .character("k"): moveSelection(-1)
        case .down, .character("j"): moveSelection(1)
        case .pageUp: moveSelection(-page)
        case .pageDown: moveSelection(page)
        case .home, .character("g"): moveSelection(-Int(Int32.max))
        case .end, .character("G"): moveSelection(Int(Int32.max))
        case .character: break
        }
        return .none
    }

    private mutating func back() -> Action {
        switch mode {
        case .table:
            guard !filter.text.isEmpty else { return .none }
            filter = .all
            return .fetch
        case .detail, .help, .typing:
            mode = .table
            top = 0
            return .none
        }
    }

    private mutating func type(_ key: Key, _ text: String) -> Action {
        switch key {
        case .enter:
            do {
                filter = try ConnectionFilter(text)
                mode = .table
                top = 0
                isPinned = false
                return .fetch
            } catch {
                mistake = "\(error)"
            }
        case .escape: mode = .table
        case .backspace:
            mistake = nil
            mode = .typing(String(text.dropLast()))
        case .character(let character) where character.unicodeScalars.allSatisfy { $0.value >= 32 }:
            mistake = nil
            mode = .typing(text + String(character))
        default: break
        }
        return .none
    }

    private mutating func moveSelection(_ step: Int) {
        switch mode {
        case .detail: top = max(0, min(top + step, detail.count - 1))
        case .help: top = max(0, min(top + step, 18))
        case .table:
            let rows = selection.rows
            guard !rows.isEmpty else { return }
            let old = rows.firstIndex { $0.serial == selected?.serial } ?? 0
            let new = max(0, min(old + step, rows.count - 1))
            selected = rows[new]
            isPinned = new > 0
        case .typing: break
        }
    }

    /// The smallest terminal that has room for all parts.
    static let smallest = (width: 40, height: 12)

    /// Draws the screen.
    public mutating func draw(width: Int, height: Int) -> Canvas {
        var canvas = Canvas(width: width, height: height)
        guard width >= ConnectionBoard.smallest.width, height >= ConnectionBoard.smallest.height
        else {
            canvas.put("too small: \(width)x\(height),", x: 0, y: 0)
            canvas.put(
                "needs \(ConnectionBoard.smallest.width)x\(ConnectionBoard.smallest.height)", x: 0,
                y: 1)
            return canvas
        }
        drawHead(&canvas)
        let first = mode == .help ? 3 : drawStates(&canvas, from: 3) + 1
        page = max(1, height - first - 2)
        switch mode {
        case .help: drawHelp(&canvas, from: first)
        case .detail: drawDetail(&canvas, from: first)
        case .table, .typing: drawTable(&canvas, from: first)
        }
        drawFoot(&canvas)
        return canvas
    }
}
