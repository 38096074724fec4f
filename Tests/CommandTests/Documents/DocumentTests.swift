import Foundation
import Testing

/// The documents that `report` writes, read by other programs.
struct DocumentTests {
    /// A folder that is removed afterwards.
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    // MARK: SQLite

    /// What Python's sqlite3 says of a database: a JSON array for each statement.
    private func query(_ database: String, _ statements: [String]) throws -> [[[Any]]] {
        let script = """
            import json, sqlite3, sys
            db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
            print(json.dumps([db.execute(s).fetchall() for s in sys.argv[2:]]))
            """
        let outcome = try Tool.run(
            "/usr/bin/env", ["python3", "-c", script, database] + statements)
        try #require(outcome.code == 0, "\(outcome.errors)")
        let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(value as? [[[Any]]])
    }

    @Test(arguments: ["incident.pcapng", "port-reuse.pcap", "mid-stream-start.pcap"])
    func `the database holds every connection and change of state that the rows hold`(
        name: String
    ) throws {
        try withFolder { folder in
            let capture = Tool.capture(name)
            let path = folder.appendingPathComponent("report.db").path
            #expect(try Tool.run("report", "--sqlite", path, capture).code == 0)
            let results = try query(
                path,
                [
                    "PRAGMA integrity_check", "PRAGMA foreign_key_check",
                    "SELECT count(*) FROM connection", "SELECT count(*) FROM transition",
                    "SELECT client_state, server_state FROM connection ORDER BY id",
                    "PRAGMA user_version",
                    """
                    SELECT endpoint, from_state, to_state, grade, timer FROM transition
                        ORDER BY connection, ordinal
                    """,
                    """
                    SELECT connection, ts_ns, not_before_ns, not_after_ns, file, frame FROM transition
                        ORDER BY connection, ordinal
                    """,
                    "SELECT count(*) FROM transition WHERE ordinal = 0",
                    "SELECT count(*) FROM connection WHERE transitions > 0",
                ])
            #expect(results[0][0][0] as? String == "ok")
            #expect(results[1].isEmpty)
            let connections = try Tool.objects(
                try Tool.run("connections", "--json", capture).output)
            let transitions = try Tool.objects(
                try Tool.run("transitions", "--json", capture).output)
            #expect(results[2][0][0] as? Int == connections.count)
            #expect(results[3][0][0] as? Int == transitions.count)
            let expected = connections.map { row in
                ["client_state", "server_state"].map { key in row[key] as? String }
            }
            let stored = results[4].map { row in row.map { value in value as? String } }
            #expect(stored == expected)
            #expect(results[5][0][0] as? Int == 3)
            // The rows of one connection are in the order of the lines that are about it.
            let lines = transitions.enumerated().sorted {
                ($0.element["connection"] as? Int ?? 0, $0.offset)
                    < ($1.element["connection"] as? Int ?? 0, $1.offset)
            }
            let changes = lines.map { line in
                ["endpoint", "from", "to", "grade", "timer"].map { line.element[$0] as? String }
            }
            #expect(results[6].map { row in row.map { $0 as? String } } == changes)
            let numbers = lines.map { line in
                ["connection", "ts", "not_before", "not_after", "file", "frame"].map {
                    line.element[$0] as? Int ?? ($0 == "file" ? 1 : nil)
                }
            }
            #expect(results[7].map { row in row.map { $0 as? Int } } == numbers)
            #expect(results[8][0][0] as? Int == results[9][0][0] as? Int)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report.db"])
        }
    }

    /// A filter that names streams names those of the connections that are kept of a finding.
    @Test(arguments: ["incident.pcapng", "refused.pcap", "close-wait-leak.pcap"])
    func `findings name the connections that they are about`(name: String) throws {
        try withFolder { folder in
            let path = folder.appendingPathComponent("report.db").path
            #expect(try Tool.run("report", "--sqlite", path, Tool.capture(name)).code == 0)
            let rows = try query(
                path,
                [
                    """
                    SELECT finding.id, filter, group_concat(stream), min(since_ns - first_ns) FROM finding
                        JOIN finding_connection ON finding = finding.id
                        JOIN connection ON connection.id = connection
                        WHERE count <= 100 GROUP BY finding.id
                    """, "SELECT count(*) FROM finding WHERE count <= 100",
                ])
            #expect(rows[0].count == rows[1][0][0] as? Int)
            #expect(!rows[0].isEmpty)
            for row in rows[0] {
                let filter = try #require(row[1] as? String)
                let named = filter.split { !$0.isNumber }.compactMap { Int($0) }
                let stored = try #require(row[2] as? String).split(separator: ",").compactMap {
                    Int($0)
                }
                #expect(Set(named) == Set(stored), "\(filter)")
                #expect(try #require(row[3] as? Int) >= 0)
            }
        }
    }

    @Test func `every query of the documentation runs`() throws {
        try withFolder { folder in
            let page = try String(
                contentsOf: Tool.package.appendingPathComponent(
                    "Sources/wirestate/Documentation.docc/Formats.md"), encoding: .utf8)
            let queries = page.components(separatedBy: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            .filter { $0.hasPrefix("SELECT ") && !$0.contains("read_parquet") }
            #expect(queries.count >= 5)
            let path = folder.appendingPathComponent("report.db").path
            #expect(
                try Tool.run("report", "--sqlite", path, Tool.capture("incident.pcapng")).code == 0)
            for (query, rows) in zip(queries, try self.query(path, queries)) {
                #expect(!rows.isEmpty, "\(query)")
            }
        }
    }

    @Test func `a run that is killed leaves the old database, or the whole new one`() throws {
        try withFolder { folder in
            let path = folder.appendingPathComponent("report.db").path
            // Killed at moments all over its run, which takes some tenths of a second.
            let outcome = try Tool.bash(
                """
                for pause in 0.01 0.05 0.1 0.2 0.3 0.4 0.6; do
                    $WIRESTATE report --sqlite '\(path)' '\(Tool.capture("incident.pcapng"))' > /dev/null 2>&1 &
                    sleep $pause; kill -KILL $! 2> /dev/null; wait $! 2> /dev/null
                    [ ! -e '\(path)' ] || python3 -c "import sqlite3; print(sqlite3.connect('\(path)').execute('PRAGMA integrity_check').fetchall())"
                done; true
                """)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(
                outcome.lines.allSatisfy { $0.isEmpty || $0 == "[('ok',)]" }, "\(outcome.output)")
        }
    }

    @Test(arguments: ["--sqlite", "--html"])
    func `an input is not overwritten, and no half file is left`(flag: String) throws {
        try withFolder { folder in
            let capture = folder.appendingPathComponent("capture.pcap")
            try FileManager.default.copyItem(
                atPath: Tool.capture("refused.pcap"), toPath: capture.path)
            let before = try Data(contentsOf: capture)
            let outcome = try Tool.run("report", flag, capture.path, capture.path)
            #expect(outcome.code == 3)
            #expect(outcome.errors.contains("is also an input"))
            #expect(try Data(contentsOf: capture) == before)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["capture.pcap"]
            )
        }
    }

    // MARK: HTML

    @Test(
        .enabled(
            if: Tool.browserPython != nil,
            "skipped: HTML report in Chromium: Scripts/setup test installs the browser and its driver"
        ))
    func
        `a browser shows the report, asks for nothing and prints no message, whatever the names are`()
        throws
    {
        try withFolder { folder in
            let hostile = folder.appendingPathComponent(
                "<img src=x onerror=alert(1)>\"'&\u{202e}.pcap")
            try FileManager.default.copyItem(
                atPath: Tool.capture("close-wait-leak.pcap"), toPath: hostile.path)
            var pages: [String] = []
            for (index, capture) in [Tool.capture("incident.pcapng"), hostile.path].enumerated() {
                pages.append(folder.appendingPathComponent("\(index).html").path)
                #expect(try Tool.run("report", "--html", pages[index], capture).code == 0)
            }
            let script = Tool.package.appendingPathComponent("Scripts/webtests/report_page.py").path
            let outcome = try Tool.run(try #require(Tool.browserPython), [script] + pages)
            #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
            let findings = try Tool.objects(
                try Tool.run("report", "--json", Tool.capture("incident.pcapng")).output
            ).count { $0["finding"] != nil }
            #expect(outcome.output.contains("0.html: \(findings) findings"))
        }
    }

    // MARK: Zeek

    @Test func `zeek-cut's twin reads the log`() throws {
        let capture = Tool.capture("incident.pcapng")
        let log = try Tool.bash(
            "$WIRESTATE connections --format zeek '\(capture)' | bro-cut id.orig_p conn_state")
        try #require(log.code == 0, "\(log.errors)")
        let rows = try Tool.objects(
            try Tool.run("connections", "--format", "zeek-json", capture).output)
        let expected = rows.map { "\($0["id.orig_p"] ?? "")\t\($0["conn_state"] ?? "")" }
        #expect(log.output.split(separator: "\n").map(String.init) == expected)
        #expect(rows.count == 334)
    }

    @Test(arguments: ["zeek-json", "eve"])
    func `formats for other programs are JSON lines with one id a connection`(format: String) throws
    {
        let capture = Tool.capture("port-reuse.pcap")
        let rows = try Tool.objects(try Tool.run("connections", "--format", format, capture).output)
        let ids = rows.compactMap {
            $0["uid"] as? String ?? ($0["wirestate"] as? [String: Any])?["uid"] as? String
        }
        #expect(rows.count == 12)
        #expect(Set(ids).count == 12)
    }
}
