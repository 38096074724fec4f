import TerminalUI
import Testing

struct CanvasTests {
    /// What a terminal shows: as much of ECMA-48 as a canvas sends.
    private struct Terminal {
        var rows: [[Character]]

        init(_ width: Int, _ height: Int) {
            rows = Array(repeating: Array(repeating: " ", count: width), count: height)
        }

        mutating func write(_ text: String) {
            var (x, y) = (0, 0)
            var rest = Substring(text)
            while let character = rest.popFirst() {
                guard character == "\u{1b}" else {
                    rows[y][x] = character
                    x += 1
                    continue
                }
                let end = rest.firstIndex { $0.isLetter }!
                let parameters = rest[rest.index(after: rest.startIndex)..<end]
                let final = rest[end]
                rest = rest[rest.index(after: end)...]
                if final == "H" {
                    let position = parameters.split(separator: ";").map { Int($0)! }
                    (y, x) = (position[0] - 1, position[1] - 1)
                } else if final == "J" {
                    self = Terminal(rows[0].count, rows.count)
                }
            }
        }
    }

    @Test func `A terminal shows what is drawn, update by update`() {
        var generator = SystemRandomNumberGenerator()
        var terminal = Terminal(12, 4)
        var old: Canvas?
        for _ in 0..<200 {
            var canvas = Canvas(width: 12, height: 4)
            for _ in 0..<3 {
                canvas.put(
                    "abc", x: .random(in: -2...12, using: &generator),
                    y: .random(in: -1...4, using: &generator), [.strong])
            }
            terminal.write(canvas.update(from: old, colours: true))
            let shown = terminal.rows.map { row in
                var row = row
                while row.last == " " { row.removeLast() }
                return String(row)
            }
            #expect(shown == canvas.lines)
            old = canvas
        }
    }

    @Test func `What has not changed is not sent`() {
        var canvas = Canvas(width: 40, height: 3)
        canvas.put("steady", x: 3, y: 1)
        #expect(canvas.update(from: canvas, colours: true).isEmpty)
    }

    @Test func `Text from packets and processes cannot command the terminal`() {
        var canvas = Canvas(width: 20, height: 1)
        canvas.put("a\u{1b}[2Jb\u{9b}c\u{7}", x: 0, y: 0)
        #expect(canvas.lines == ["a?[2Jb?c?"])
    }

    @Test func `Without colours none is sent, reversed and bold are`() {
        var canvas = Canvas(width: 20, height: 1)
        canvas.put("x", x: 0, y: 0, [.bad, .strong])
        // SGR 31 is red, 1 is bold.
        #expect(canvas.update(from: nil, colours: true).contains("\u{1b}[0;1;31m"))
        #expect(canvas.update(from: nil, colours: false).contains("\u{1b}[0;1m"))
        #expect(!canvas.update(from: nil, colours: false).contains("31"))
    }
}
