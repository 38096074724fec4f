import Diagnosis
import Reports
import TCPState
import TerminalUI
import Testing
import Wire

struct ConnectionBoardTests {
    private static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    /// Connections from 10.0.0.1 on, to port 443 at 10.0.1.9.
    private static func row(
        _ number: Int, _ low: State, _ high: State, age: Int64 = 1
    ) -> ConnectionRow {
        let client = Address("10.0.0.\(number)")!
        let server = Address("10.0.1.9")!
        let key = FlowKey(client, UInt16(40_000 + number), server, 443)
        let start = now - .seconds(age)
        let ends = [low, high].map { ExistingEnd(state: $0, since: start, lastHeard: start) }
        let connection = Connection(
            existing: ends[0], ends[1], opener: .low, serial: UInt32(number), stream: 0, at: now)
        let record = ConnectionRecord(key: key, connection: connection)
        let problem = ConnectionExaminer(record, at: now).problem
        return ConnectionRow(record, problem: problem, process: nil, at: now)
    }

    private static let rows = [
        row(1, .established, .established), row(2, .finWait2, .closeWait, age: 70),
        row(3, .timeWait, .closed), row(4, .synSent, .unknown),
    ]

    private static func board(_ keys: String = "", rows: [ConnectionRow] = rows) -> ConnectionBoard
    {
        var board = ConnectionBoard()
        var figures = Figures()
        figures.interfaces = ["eth0"]
        figures.now = now
        figures.dropped = 17
        for key in Key.keys(in: Array(keys.utf8)) { _ = board.press(key) }
        var selection = RowSelection(board.filter, board.order)
        for row in rows { selection.offer(row) }
        selection.finish()
        board.show(figures, selection)
        return board
    }

    @Test(arguments: [(80, 24), (200, 50), (40, 12), (1, 1), (500, 200)])
    func `A screen has as many rows and columns as the terminal`(_ width: Int, _ height: Int) {
        var board = Self.board()
        let lines = board.draw(width: width, height: height).lines
        #expect(lines.count == height)
        #expect(lines.allSatisfy { $0.count <= width })
    }

    @Test func `What is stuck stands first, what is over last`() {
        var board = Self.board()
        let lines = board.draw(width: 80, height: 24).lines
        let order = [2, 1, 3].map { number in
            lines.firstIndex { $0.contains("10.0.0.\(number):") }
        }
        #expect(order.allSatisfy { $0 != nil })
        #expect(order.compactMap { $0 } == order.compactMap { $0 }.sorted())
    }

    @Test(arguments: ["", "?", "/state:x", "\r"])
    func `What was lost is on every screen`(_ keys: String) {
        var board = Self.board(keys)
        #expect(
            board.draw(width: 80, height: 24).lines.contains { $0.contains("17 by the kernel") })
    }

    @Test(arguments: [
        ("state:close-wait", [2]), ("state:FIN_WAIT2", [2]), ("port:443", [1, 2, 3, 4]),
        ("port:40003", [3]), ("host:10.0.0.1", [1]), ("host:10.0.", [1, 2, 3, 4]), ("age>60s", [2]),
        ("age<1m", [1, 3, 4]), ("!age>60s", [1, 3, 4]), ("stuck", [2]),
        ("stuck port:40002", [2]), ("stuck port:40004", []),
        (":40002", [2]), ("process:nginx", []), ("retrans>0", []), ("kind:close-wait-leak", [2]),
        ("fault:server", [2]), ("FIN_WAIT2", [2]), ("10.0.0.0/30", [1, 2, 3]),
    ])
    func `A filter shows what matches`(_ words: String, _ numbers: [Int]) throws {
        let filter = try ConnectionFilter(words)
        let shown = Self.rows.filter { filter.shows($0) }.map { Int($0.serial) }
        #expect(shown == numbers)
    }

    @Test(arguments: ["state:nonsense", "port:x", "port:70000", "age>x", "host:", "!", "nginx"])
    func `A filter that means nothing is refused`(_ words: String) {
        #expect(throws: ConnectionFilter.Mistake.self) { try ConnectionFilter(words) }
    }

    @Test func `A frozen picture stands still until it is thawed`() {
        var board = Self.board("f")
        let still = board.draw(width: 80, height: 24)
        var selection = RowSelection(.all, .problem)
        selection.offer(Self.row(9, .established, .established))
        board.show(Figures(), selection)
        #expect(board.draw(width: 80, height: 24) == still)
        _ = board.press(.character("f"))
        board.show(Figures(), selection)
        #expect(board.draw(width: 80, height: 24).lines.contains { $0.contains("10.0.0.9:") })
    }

    @Test func `q and ^C leave, also while nothing is there`() {
        var board = ConnectionBoard()
        #expect(board.press(.character("q")) == .quit)
        #expect(board.press(.character("\u{03}")) == .quit)
        _ = board.press(.character("/"))
        #expect(board.press(.character("q")) == .none)
        #expect(board.press(.character("\u{03}")) == .quit)
    }

    @Test func `A table keeps no more rows than it can show`() {
        var selection = RowSelection(.all, .newest)
        for number in 0..<10_000 {
            selection.offer(Self.row(number % 250, .established, .established))
        }
        selection.finish()
        #expect(selection.rows.count <= 1_000)
        #expect(selection.total == 10_000)
    }
}
