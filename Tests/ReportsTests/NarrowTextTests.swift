import Reports
import TCPState
import TestKit
import Testing
import Wire

/// Lines fit the terminal, however large the numbers in them are.
struct NarrowTextTests {
    private let record: ConnectionRecord
    private let history: [TransitionRow]
    private let rows: [Ladder.LadderRow]

    init() throws {
        let talk = Conversation(clientPort: 40_123)
        talk.open()
        talk.client.send(1_000, after: .seconds(12_345))
        for _ in 0..<12 { talk.server.send(100_000) }
        talk.server.fin()
        let record = try #require(talk.record)
        let frame: UInt64 = 10_912_236
        history = [State.synSent, .established, .closeWait, .closed].map { state in
            TransitionRow(
                transition: Transition(
                    connection: 4_000_000, side: record.connection.opener, from: .established,
                    to: state, event: .presumed, grade: .inferred, timer: .none, moment: .atTap,
                    seen: talk.now, notBefore: nil, notAfter: nil, frame: frame),
                time: talk.now, timeInState: .seconds(12_345), record: record)
        }
        rows = talk.segments.enumerated().map { index, sent in
            Ladder.LadderRow(
                sent.segment, from: FlowKey.sender(of: sent.segment), at: sent.time,
                frame: frame + UInt64(index), notes: [])
        }
        self.record = record
    }

    private func lines<F: Format>(_ format: F, _ contents: [F.Content]) -> [Substring] {
        var format = format
        var sink = TextSink()
        format.begin(&sink)
        for content in contents { format.write(content, to: &sink) }
        return sink.text.split(separator: "\n")
    }

    private static func layout(_ columns: Int?) -> TextLayout {
        TextLayout(terminal: columns) { $0 == "NO_COLOR" ? "1" : nil }
    }

    @Test(arguments: [60, 66, 72, 77, 80, 120, 200], [StateSpelling.netstat, .windows])
    func `Nothing is wider than the terminal`(_ columns: Int, _ spelling: StateSpelling) throws {
        let layout = Self.layout(columns)
        let ladder = Ladder(record: record, rows: rows, history: history, withdrawn: [])
        let found =
            lines(TextTransitions(spelling: spelling, layout: layout), history)
            + lines(TextLadder(spelling: spelling, layout: layout), [ladder])
        #expect(found.count > 20)
        #expect(found.filter { $0.count > columns } == [])
    }

    @Test(arguments: [60, 80, nil])
    func `All times of a ladder have the same decimals`(_ columns: Int?) {
        let ladder = Ladder(record: record, rows: rows, history: [], withdrawn: [])
        let times = lines(TextLadder(layout: Self.layout(columns)), [ladder])
            .filter { $0.contains("──") }
            .compactMap { $0.split(separator: " ").dropFirst().first }
        #expect(times.count > 6)
        let decimals = Set(times.map { $0.split(separator: ".").last?.count })
        // The last times have five digits before the point.
        #expect(decimals == [columns == nil ? 6 : columns == 60 ? 2 : 4])
    }
}
