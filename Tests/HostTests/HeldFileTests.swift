import Foundation
import Host
import Testing

@Suite struct HeldFileTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("wirestate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private static func make(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func contents(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    @Test func `A new file is for its owner and the group`() throws {
        try Self.withFolder { folder in
            let file = try HeldFile(folder + "/new")
            defer { file.close() }
            #expect(file.isNew && file.isRegular)
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/new")[
                .posixPermissions]
            #expect(mode as? Int == 0o640)
        }
    }

    @Test func `No link is followed, and what is there is not made`() throws {
        try Self.withFolder { folder in
            try Self.make(folder + "/secret", "old")
            #expect(throws: (any Error).self) { try HeldFile(folder + "/secret", isMade: true) }
            symlink(folder + "/secret", folder + "/link")
            #expect(throws: (any Error).self) { try HeldFile(folder + "/link") }
            #expect(throws: (any Error).self) { try HeldFile(folder + "/link", isMade: true) }
            link(folder + "/secret", folder + "/hard")
            let file = try HeldFile(folder + "/hard")
            defer { file.close() }
            #expect(file.hasSecondName)
            #expect(Self.contents(folder + "/secret") == "old")
        }
    }

    @Test(arguments: [
        ("", "", ""), ("{\"a\":1}\n", "{\"a\":1}\n", ""),
        ("{\"a\":1}\n{\"b", "{\"a\":1}\n", "{\"b"),
        ("{\"b", "", "{\"b"), ("a text", "a text\n", ""), ("a\nb", "a\nb\n", ""),
    ])
    func `An unfinished object is taken out, any other line is closed`(
        before: String, after: String, taken: String
    ) throws {
        try Self.withFolder { folder in
            let path = folder + "/log"
            try Self.make(path, before)
            let file = try HeldFile(path)
            defer { file.close() }
            #expect(file.takeUnfinishedObject() == taken)
            #expect(Self.contents(path) == after)
        }
    }

    @Test func `An endless line is no memory`() throws {
        var lines = LineReader(descriptor: open("/dev/null", O_RDONLY), limit: 10)
        #expect(lines.next() == nil)
        try Self.withFolder { folder in
            let long = String(repeating: "x", count: 1 << 20)
            let text = "head\n" + long + "\nshort\n" + long
            try Self.make(folder + "/lines", text)
            lines = LineReader(descriptor: open(folder + "/lines", O_RDONLY), limit: 100)
            #expect(lines.next() == "head")
            #expect(lines.next() == "")
            #expect(lines.next() == "short")
            #expect(lines.next() == "")
            #expect(lines.next() == nil)
        }
    }
}
