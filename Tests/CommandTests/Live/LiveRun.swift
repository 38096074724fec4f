import Foundation
import Testing

/// `wirestate live`, run beside real traffic.
final class LiveRun {
    /// Whether this process may capture: else the tests that need it are skipped.
    static let isPossible = geteuid() == 0

    private let process = Process()
    let folder: URL

    /// Starts the command with its standard output in `output` and waits until it captures.
    init(_ arguments: [String], output: String? = nil) throws {
        folder = try Tool.temporaryFolder()
        // The user that the command becomes makes files here, too.
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
        process.executableURL = URL(fileURLWithPath: Tool.path)
        process.arguments = ["live"] + arguments
        process.currentDirectoryURL = folder
        for name in ["output", "errors"] {
            try Data().write(to: folder.appendingPathComponent(name))
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(
            forWritingTo: output.map { URL(fileURLWithPath: $0) }
                ?? folder.appendingPathComponent("output"))
        process.standardError = try FileHandle(
            forWritingTo: folder.appendingPathComponent("errors"))
        try process.run()
        // It has given up root's rights once it captures.
        try wait("the capture to begin") {
            let status = try? String(
                contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
            return status?.contains("NoNewPrivs:\t1") ?? true
        }
        Thread.sleep(forTimeInterval: 0.2)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    var identifier: Int32 { process.processIdentifier }
    var output: String { text("output") }
    var errors: String { text("errors") }

    /// The lines so far that are whole.
    func events() throws -> [[String: Any]] {
        let text = output
        let whole = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
        return try Tool.objects(String(whole))
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Ends it and returns its exit code.
    func end(_ number: Int32 = SIGINT) -> Int32 {
        signal(number)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Waits until something holds, for half a minute at most: other work may keep the machine busy.
    func wait(_ what: String, seconds: Double = 30, until holds: () throws -> Bool) throws {
        let end = Date(timeIntervalSinceNow: seconds)
        while try !holds() {
            guard Date() < end else { throw Impatience(what: what, output: output, errors: errors) }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    struct Impatience: Error, CustomStringConvertible {
        let what: String
        let output: String
        let errors: String

        var description: String { "waited in vain for \(what)\n\(errors)\n\(output.suffix(2000))" }
    }

    private func text(_ name: String) -> String {
        let data = (try? Data(contentsOf: folder.appendingPathComponent(name))) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }
}

/// A TCP connection of this process to itself, over the loopback interface.
final class Loopback {
    let client: Int32
    let server: Int32
    let clientPort: Int
    let serverPort: Int

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // Below the client's, as services' ports are: where the SYN is not seen, that tells them apart. Systems give
        // clients ports from 10,000 on.
        var isBound = false
        for _ in 0..<100 where !isBound {
            address.sin_port = UInt16.random(in: 2_000..<10_000).bigEndian
            try Loopback.withAddress(&address) { isBound = bind(listener, $0, $1) == 0 }
        }
        try #require(isBound)
        try #require(listen(listener, 8) == 0)
        serverPort = try Loopback.port(of: listener)
        address.sin_port = UInt16(serverPort).bigEndian
        client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let client = client
        try Loopback.withAddress(&address) { try #require(connect(client, $0, $1) == 0) }
        server = accept(listener, nil, nil)
        clientPort = try Loopback.port(of: client)
    }

    /// Says something in both directions.
    func talk() {
        for (from, to) in [(client, server), (server, client)] {
            var byte: UInt8 = 1
            _ = write(from, &byte, 1)
            _ = read(to, &byte, 1)
        }
    }

    /// Its ends as the command prints them.
    var ends: Set<String> { ["127.0.0.1:\(clientPort)", "127.0.0.1:\(serverPort)"] }

    private static func port(of descriptor: Int32) throws -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try #require(getsockname(descriptor, $0, &length) == 0)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func withAddress(
        _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void
    ) throws {
        try withUnsafePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
