import Foundation
import Testing

/// `wirestate serve`, as a browser asks it.
@Suite struct ServeTests {
    /// Runs `serve` on a capture for as long as `body` takes, which is given its address.
    private func serve(_ capture: String, _ body: (String) throws -> Void) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Tool.path)
        process.arguments = ["serve", "--listen", "127.0.0.1:0", capture]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        var text = ""
        while !text.contains("\n") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty)
            text += String(decoding: data, as: UTF8.self)
        }
        try body(String(text.prefix { $0 != "\n" }))
    }

    private func get(_ address: String) throws -> String {
        let outcome = try Tool.run("/usr/bin/curl", ["-sS", "--fail", address])
        try #require(outcome.code == 0, "\(address): \(outcome.errors)")
        return outcome.output
    }

    private func view(_ address: String) throws -> [String: String] {
        let data = Data(try get(address).utf8)
        let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        return object.compactMapValues { $0 as? String }
    }

    @Test(arguments: ["incident.pcapng", "port-reuse.pcap", "mid-stream-start.pcap"])
    func `the sockets of 20 instants are those of netstat`(name: String) throws {
        let capture = Tool.capture(name)
        try serve(capture) { address in
            for part in 0..<20 {
                let step = part * 240 / 19
                let time = try #require(try view(address + "view?step=\(step)")["time"])
                let seconds = "\(time.dropLast(9)).\(time.suffix(9))"
                let table = try Tool.run("netstat", capture, "--at", seconds).output
                #expect(try get(address + "netstat?time=\(time)") == table, "step \(step)")
            }
            // Between the steps, too.
            let start = try view(address + "view?step=0")["time"]
            let first = try #require(start.flatMap { Int64($0) })
            let table = try Tool.run("netstat", capture, "--at", "+0.0123s").output
            #expect(try get(address + "netstat?time=\(first + 12_300_000)") == table)
        }
    }

    /// The findings at the end are the report's; halfway they are those of a capture that ends there.
    @Test func `the findings of an instant are those of a report on what came before`() throws {
        let capture = Tool.capture("incident.pcapng")
        func names(_ report: String) throws -> [String] {
            try Tool.objects(report).compactMap { $0["finding"] as? [String: Any] }.map {
                "\($0["diagnosis"] ?? "") \($0["service"] as? String ?? "") \($0["fault"] ?? "") \($0["count"] ?? "")"
            }.sorted()
        }
        func names(page: String) -> [String] {
            page.split(separator: "<details").map { card in
                func text(_ after: String) -> Substring {
                    guard let range = card.range(of: after) else { return "" }
                    return card[range.upperBound...].prefix { $0 != "<" && $0 != "\"" }
                }
                var key = text("data-key=\"").split(
                    separator: " ", omittingEmptySubsequences: false)
                key.removeLast()
                return key.joined(separator: " ") + " " + text("class=\"number\">")
            }.sorted()
        }
        try serve(capture) { address in
            let end = try view(address + "view")
            let all = try names(Tool.run("report", "--json", capture).output)
            #expect(names(page: try #require(end["findings"])) == all)
            try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/editcap"))
            let folder = try Tool.temporaryFolder()
            defer { try? FileManager.default.removeItem(at: folder) }
            let part = folder.appendingPathComponent("part.pcapng").path
            #expect(try Tool.run("/usr/bin/editcap", ["-r", capture, part, "1-2000"]).code == 0)
            let objects = try Tool.objects(
                Tool.run("report", "--json", part).output)
            let about = try #require(objects.first?["capture"] as? [String: Any])
            let last = try #require(about["last_seen"] as? Int64)
            let view = try view(address + "view?time=\(last)")
            #expect(
                names(page: try #require(view["findings"]))
                    == (try names(Tool.run("report", "--json", part).output)))
        }
    }

    @Test(
        .enabled(
            if: Tool.browserPython != nil,
            "skipped: the page in Chromium: Scripts/setup test installs the browser and its driver"
        ))
    func `a browser shows any moment, by mouse and by keys, and on a phone`() throws {
        let capture = Tool.capture("incident.pcapng")
        try serve(capture) { address in
            let script = Tool.package.appendingPathComponent("Scripts/webtests/served_page.py").path
            let outcome = try Tool.run(
                try #require(Tool.browserPython),
                [script, "--netstat", "\(Tool.path) netstat \(capture)", "capture", address])
            #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
        }
    }

    @Test func `a name in markup stays a name`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let hostile = folder.appendingPathComponent("<img src=x onerror=alert(1)>\"'&.pcap")
        try FileManager.default.copyItem(
            atPath: Tool.capture("close-wait-leak.pcap"), toPath: hostile.path)
        try serve(hostile.path) { address in
            let page = try get(address)
            #expect(!page.contains("<img") && page.contains("&lt;img src=x onerror=alert(1)&gt;"))
            // What a request says comes back in no answer.
            let word = "%3Cscript%3Ealert(1)%3C/script%3E"
            for field in ["find", "state", "order", "limit", "role"] {
                #expect(!(try get(address + "view?\(field)=\(word)")).contains("alert"))
                #expect(!(try get(address + "chart?\(field)=\(word)")).contains("alert"))
            }
        }
    }

    @Test func `a mistake is named`() throws {
        let capture = Tool.capture("port-reuse.pcap")
        for (arguments, word) in [
            (["serve", "--listen", "0.0.0.0:0", capture], "--token-file"),
            (["serve", "--listen", "9470", capture], "--listen"),
            (["serve", "-"], "standard input"),
            (["serve", "--token-file", "/dev/null", capture], "--listen"),
        ] {
            let outcome = try Tool.run(Tool.path, arguments)
            #expect(outcome.code == 2 && outcome.errors.contains(word), "\(outcome.errors)")
        }
        let outcome = try Tool.run(
            "serve", "--listen", "0.0.0.0:0", "--token-file", "/etc/passwd", capture)
        #expect(outcome.code == 3 && outcome.errors.contains("readable by everyone"))
    }
}
