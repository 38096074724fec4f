import Foundation
import POSIX
import Testing

/// A folder that goes away with its owner.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }

    func make(_ name: String, _ text: String = "old") throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: self(name))), as: UTF8.self)
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}

private let purposes: [OutputFile.Purpose] = [.append, .overwrite, .create, .replace]

struct OutputFileTests {
    let folder = try! Folder()

    @Test(arguments: purposes)
    func `a new file is made, and said to be new`(purpose: OutputFile.Purpose) throws {
        let file = try OutputFile(folder("new"), purpose, mode: 0o600)
        try file.write(Array("text".utf8))
        try file.commit(durably: true)
        #expect(file.isNew && file.isRegular)
        #expect(try folder.text("new") == "text")
        #expect(try folder.names == ["new"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder("new"))
        #expect((mode[.posixPermissions] as? Int) == 0o600)
    }

    @Test func `append goes on, overwrite empties, create refuses what is there`() throws {
        try folder.make("a")
        let appended = try OutputFile(folder("a"), .append)
        try appended.write(Array("+".utf8))
        #expect(!appended.isNew)
        #expect(try folder.text("a") == "old+")
        let emptied = try OutputFile(folder("a"), .overwrite)
        #expect(!emptied.isNew)
        #expect(try folder.text("a") == "")
        #expect(throws: OutputError.system(SystemError(code: EEXIST))) {
            try OutputFile(folder("a"), .create)
        }
    }

    @Test func `replace leaves the old file until it is committed`() throws {
        try folder.make("a")
        do {
            let file = try OutputFile(folder("a"), .replace)
            try file.write(Array("new".utf8))
            #expect(try folder.text("a") == "old")
            // Not committed.
        }
        #expect(try folder.text("a") == "old")
        #expect(try folder.names == ["a"])
        let file = try OutputFile(folder("a"), .replace)
        try file.write(Array("new".utf8))
        try file.commit()
        #expect(try folder.text("a") == "new")
        #expect(try folder.names == ["a"])
    }

    @Test func `replace does not write into another name of the old file`() throws {
        try folder.make("a")
        try FileManager.default.linkItem(atPath: folder("a"), toPath: folder("b"))
        let file = try OutputFile(folder("a"), .replace)
        try file.write(Array("new".utf8))
        try file.commit()
        #expect(try folder.text("b") == "old")
    }

    @Test(arguments: purposes)
    func `a link in the last component is refused`(purpose: OutputFile.Purpose) throws {
        try folder.make("victim")
        for (link, target) in [("link", "victim"), ("dangling", "nothing")] {
            try FileManager.default.createSymbolicLink(
                atPath: folder(link), withDestinationPath: folder(target))
            let expected: OutputError =
                purpose == .create ? .system(SystemError(code: EEXIST)) : .link
            #expect(throws: expected) { try OutputFile(folder(link), purpose) }
        }
        #expect(try folder.text("victim") == "old")
        #expect(try folder.names == ["dangling", "link", "victim"])
    }

    @Test(arguments: [OutputFile.Purpose.append, .overwrite, .replace])
    func `an input is refused under any name`(purpose: OutputFile.Purpose) throws {
        try folder.make("input")
        try FileManager.default.linkItem(atPath: folder("input"), toPath: folder("other"))
        let input = try #require(FileIdentity(path: folder("input")))
        for name in ["input", "other", "./input"] {
            #expect(throws: OutputError.inUse) {
                try OutputFile(folder(name), purpose, inUse: [input])
            }
        }
        #expect(try folder.text("input") == "old")
        #expect(try folder.names == ["input", "other"])
    }

    @Test func `a pipe is written to if it has a reader and can hold the output`() throws {
        #expect(mkfifo(folder("pipe"), 0o600) == 0)
        for purpose in [OutputFile.Purpose.append, .overwrite, .replace] {
            #expect(throws: OutputError.noReader) { try OutputFile(folder("pipe"), purpose) }
            let reader = open(folder("pipe"), O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            #expect(throws: OutputError.notRegular) {
                try OutputFile(folder("pipe"), purpose, acceptsStreams: false)
            }
            let file = try OutputFile(folder("pipe"), purpose)
            #expect(!file.isNew && !file.isRegular)
            #expect(fcntl(file.descriptor, F_GETFL) & O_NONBLOCK == 0)
            try file.write([1, 2, 3])
            try file.commit()
            var room = [UInt8](repeating: 0, count: 8)
            #expect(read(reader, &room, 8) == 3)
        }
        #expect(try folder.names == ["pipe"])
    }

    @Test(arguments: [OutputFile.Purpose.append, .overwrite, .replace])
    func `a device holds lines, and no file to go on with`(purpose: OutputFile.Purpose) throws {
        let file = try OutputFile("/dev/null", purpose)
        try file.write([1])
        try file.commit()
        #expect(throws: OutputError.notRegular) {
            try OutputFile("/dev/null", purpose, acceptsStreams: false)
        }
    }

    @Test(arguments: purposes)
    func `a folder is refused`(purpose: OutputFile.Purpose) throws {
        #expect(throws: OutputError.self) { try OutputFile(folder.path, purpose) }
        #expect(throws: OutputError.self) { try OutputFile(folder(""), purpose) }
        #expect(throws: OutputError.self) { try OutputFile("", purpose) }
        #expect(throws: OutputError.system(SystemError(code: ENOENT))) {
            try OutputFile(folder("missing/a"), purpose)
        }
    }

    @Test func `a descriptor that the process was given is written to where it stands`() throws {
        try folder.make("a", "begun")
        let given = open(folder("a"), O_WRONLY | O_APPEND)
        defer { close(given) }
        for purpose in purposes {
            let file = try OutputFile("/dev/fd/\(given)", purpose)
            #expect(!file.isNew)
            try file.write(Array("+".utf8))
            try file.commit()
        }
        #expect(try folder.text("a") == "begun++++")
        let input = try #require(FileIdentity(path: folder("a")))
        #expect(throws: OutputError.inUse) {
            try OutputFile("/dev/fd/\(given)", .append, inUse: [input])
        }
        #expect(throws: OutputError.notRegular) {
            try OutputFile("/dev/fd/\(given)", .append, acceptsStreams: false)
        }
        let reading = open(folder("a"), O_RDONLY)
        defer { close(reading) }
        #expect(throws: OutputError.system(SystemError(code: EBADF))) {
            try OutputFile("/dev/fd/\(reading)", .append)
        }
        #expect(try OutputFile("/dev/stdout", .append).descriptor > 2)
    }

    @Test func `a file that its folder does not let replace is emptied`() throws {
        try folder.make("a", "older")
        chmod(folder("a"), 0o666)
        chmod(folder.path, 0o555)
        defer { chmod(folder.path, 0o755) }
        // Root could write anywhere: this thread becomes nobody for the kernel's file permissions.
        let symbol = try #require(dlsym(nil, "setfsuid"))
        let setFileUser = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> Int32).self)
        if geteuid() == 0 { _ = setFileUser(65_534) }
        defer { _ = setFileUser(geteuid()) }
        let file = try OutputFile(folder("a"), .replace)
        try file.write(Array("new".utf8))
        try file.commit()
        #expect(try folder.text("a") == "new")
        #expect(throws: OutputError.system(SystemError(code: EACCES))) {
            try OutputFile(folder("a"), .replace, acceptsStreams: false)
        }
    }
}

struct PathTextTests {
    @Test func `any bytes come back`() {
        let names: [[UInt8]] = [
            [], Array("plain".utf8), Array("naïve 名".utf8), [0xff, 0xfe], [0x61, 0xc3],
            [0xe2, 0x82, 0x62], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
            Array("\u{efff}".utf8),
            Array("\u{ef80}x\u{ef7f}\u{f000}".utf8), (1...255).map { UInt8($0) },
        ]
        for name in names { #expect(PathText.bytes(PathText.text(name)) == name) }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let name = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(PathText.bytes(PathText.text(name)) == name)
        }
    }

    @Test func `valid names are their own text`() {
        #expect(PathText.text(Array("naïve 名".utf8)) == "naïve 名")
        #expect(PathText.text([0x61, 0xff]).unicodeScalars.map(\.value) == [0x61, 0xefff])
    }

    @Test func `a name that is not UTF-8 opens`() throws {
        let folder = try Folder()
        let name = PathText.text(Array("bad".utf8) + [0xff, 0xfe])
        try OutputFile(folder(name), .create).write([1])
        var found = false
        let listing = opendir(folder.path)!
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            found = found || bytes == Array("bad".utf8) + [0xff, 0xfe]
        }
        #expect(found)
        #expect(FileIdentity(path: folder(name)) != nil)
    }
}
