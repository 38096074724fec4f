import TerminalUI
import Testing

/// What terminals send: ECMA-48 and xterm's control sequences.
struct KeyTests {
    @Test(arguments: [
        ("a", [Key.character("a")]), ("\u{1b}[A", [.up]), ("\u{1b}OB", [.down]),
        ("\u{1b}[5~", [.pageUp]), ("\u{1b}[6~", [.pageDown]), ("\u{1b}[1~", [.home]),
        ("\u{1b}[F", [.end]), ("\r", [.enter]), ("\u{7f}", [.backspace]), ("\u{1b}", [.escape]),
        ("é", [.character("é")]), ("q\u{1b}[Ax", [.character("q"), .up, .character("x")]),
    ])
    func `A key is what the terminal sends for it`(_ bytes: String, _ keys: [Key]) {
        #expect(Key.keys(in: Array(bytes.utf8)) == keys)
    }

    @Test func `No bytes crash the reading of keys`() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                _ = Key.keys(in: [0x1b, first, second])
                _ = Key.keys(in: [first, second])
            }
        }
    }
}
