import POSIX
import Reports
import Testing

struct VisibleTextTests {
    /// Every character that a terminal acts on, or that is not shown: the classes of the Unicode Character
    /// Database, by a range of each.
    private static let hidden: [ClosedRange<UInt32>] = [
        0x00...0x1f, 0x7f...0x9f,  // C0, DEL, C1
        0x061c...0x061c, 0x200b...0x200f, 0x2028...0x202e,  // zero width, separators, bidi
        0x2060...0x206f,
        0xfeff...0xfeff, 0xe0001...0xe0001, 0xe0020...0xe007f,  // byte order mark, tags
        // Private use, among it bytes of names that are not UTF-8.
        0xe000...0xf8ff, 0xf0000...0xf00ff, 0x10fff0...0x10fffd,
    ]

    @Test func `What a terminal acts on is not sent to it`() {
        for range in Self.hidden {
            for value in range {
                guard let scalar = Unicode.Scalar(value), value != 0x2065 else { continue }
                #expect(!scalar.isVisible, "U+\(String(value, radix: 16))")
                let text = "a\(String(scalar))b".visible
                #expect(text.utf8.allSatisfy { (0x20..<0x7f).contains($0) })
            }
        }
    }

    @Test func `Other text stays as it is`() {
        for text in ["", "plain-1.pcap", "naïve", "名前", "→ «…»", "😀", "e\u{301}", "a b\\c"] {
            #expect(text.visible == text)
        }
    }

    @Test func `It is escaped in a way that tells what it was`() {
        #expect("x\u{1b}[31m\ny".visible == "x\\x1b[31m\\x0ay")
        #expect("\u{9b}\u{202e}\u{e0001}".visible == "\\u{009b}\\u{202e}\\u{e0001}")
        #expect("\u{eb40}\u{10fffd}".visible == "\\u{eb40}\\u{10fffd}")
        #expect(PathText.text([0x61, 0xff, 0xc3]).visible == "a\\xff\\xc3")
    }

    @Test func `JSON has it as RFC 8259 escapes, and bytes that are no text as U+FFFD`() {
        var object = JSONObject()
        object.add("a", "\u{1b}\u{9b}\u{202e}\u{e0001}\"\\")
        object.add("b", PathText.text([0x61, 0xff]))
        #expect(
            object.description
                == #"{"a":"\u001b\u009b\u202e\udb40\udc01\"\\","b":"a\ufffd"}"#)
    }
}
