import Foundation

/// The built command, run as a user runs it.
enum Tool {
    /// What a run left behind.
    struct Outcome {
        let code: Int32
        let output: String
        let errors: String

        var lines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: false) }
        var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    /// The package's directory.
    static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The command: beside the test runner, or where `WIRESTATE_BINARY` says.
    static let path =
        ProcessInfo.processInfo.environment["WIRESTATE_BINARY"]
        ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("wirestate").path

    /// The Python that Scripts/setup has given a browser's driver; nil where it has not.
    static let browserPython: String? = {
        let python = package.appendingPathComponent(".build/python/bin/python").path
        let isThere = [python, "/usr/bin/chromium"].allSatisfy(FileManager.default.isExecutableFile)
        return isThere ? python : nil
    }()

    /// The captures that come with the package.
    static let captures: [String] = {
        let folder = package.appendingPathComponent("Captures").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
    }()

    /// The names of all bundled captures where WIRESTATE_EVERY_CAPTURE is set; else none.
    static let everyCapture: [String] = {
        guard ProcessInfo.processInfo.environment["WIRESTATE_EVERY_CAPTURE"] != nil else {
            return []
        }
        let all = FileManager.default.enumerator(atPath: capture(""))?.compactMap {
            $0 as? String
        }
        return (all ?? []).filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
    }()

    /// A capture's path.
    static func capture(_ name: String) -> String {
        package.appendingPathComponent("Captures/\(name)").path
    }

    /// Runs the command.
    static func run(
        _ arguments: String..., input: String = "/dev/null", environment: [String: String] = [:]
    ) throws -> Outcome {
        try run(path, arguments, input: input, environment: environment)
    }

    /// Runs the command as somebody who may not read every file: as nobody, where root runs the tests.
    static func runUnprivileged(_ arguments: [String]) throws -> Outcome {
        guard geteuid() == 0 else { return try run(path, arguments) }
        // Nobody may be kept out of the folder that the command was built in.
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let copy = folder.appendingPathComponent("wirestate").path
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", copy]
        return try run("/usr/bin/setpriv", nobody + arguments)
    }

    /// Runs a line of bash, in which `$WIRESTATE` is the command.
    static func bash(_ line: String) throws -> Outcome {
        try run("/bin/bash", ["-c", line], environment: ["WIRESTATE": path])
    }

    /// Runs a program.
    static func run(
        _ program: String, _ arguments: [String], input: String = "/dev/null",
        environment: [String: String] = [:]
    ) throws -> Outcome {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = folder.appendingPathComponent("output")
        let errors = folder.appendingPathComponent("errors")
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        // Where the tests run decides nothing about what the command writes.
        let plain = ["LC_ALL": "C.UTF-8", "TERM": "xterm", "TZ": "UTC"]
        var inherited = ProcessInfo.processInfo.environment.merging(plain) { $1 }
        for name in ["COLUMNS", "NO_COLOR"] { inherited[name] = nil }
        process.environment = inherited.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            code: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }

    /// Where this process has its folders; gone when it ends.
    private static let temporaryFolders: URL = {
        atexit { try? FileManager.default.removeItem(at: Tool.temporaryFolders) }
        return FileManager.default.temporaryDirectory
            .appendingPathComponent("wirestate-\(UUID().uuidString)")
    }()

    /// A new, empty folder, which is there until the process ends.
    static func temporaryFolder() throws -> URL {
        let folder = temporaryFolders.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// JSON lines as dictionaries; throws on a line that is none.
    static func objects(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            guard let object = value as? [String: Any] else {
                throw NotAnObject(line: String(line))
            }
            return object
        }
    }

    /// The connections of all findings in a report's JSON lines.
    static func connections(_ text: String) throws -> [[String: Any]] {
        try objects(text).compactMap { $0["finding"] as? [String: Any] }.flatMap {
            $0["connections"] as? [[String: Any]] ?? []
        }
    }

    struct NotAnObject: Error {
        let line: String
    }
}
