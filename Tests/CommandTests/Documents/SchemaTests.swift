import Foundation
import Testing

/// The JSON Schema, by Python's jsonschema, against what the command prints.
struct SchemaTests {
    /// What prints lines of which record; nil for report lines.
    static let outputs: [(arguments: [String], record: String)] = [
        (["connections", "--json"], "connection"), (["transitions", "--json"], "transition"),
        (["transitions", "--json", "--events"], "transition"),
        (["netstat", "--json", "-o"], "socket"),
        (["netstat", "--json", "--at", "+1s"], "socket"),
        (["netstat", "--json", "--histogram", "--every", "10s"], "state_counts"),
        (["report", "--json", "--all"], "report_line"),
        (["report", "--json", "--local", "10.1.1.2", "--states", "rfc"], "report_line"),
        (["check", "--json", "--fail-on", "reset,close-wait-leak:server", "--all"], "report_line"),
        (["explain", "--json", "--stream", "0"], "report_line"),
    ]

    /// A Python that has jsonschema; nil where there is none.
    static let python: String? = [
        Tool.package.appendingPathComponent(".build/python/bin/python").path, "/usr/bin/python3",
    ].first { program in
        (try? Tool.run(program, ["-c", "import jsonschema"]).code) == 0
    }

    /// Reads files of lines, named after their records, and prints what is wrong.
    static let script = """
        import functools, json, pathlib, sys
        from jsonschema import Draft202012Validator
        schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
        Draft202012Validator.check_schema(schema)
        named = {one["required"][0] for one in schema["$defs"]["report_line"]["oneOf"]}

        @functools.cache
        def validator(record):
            definition = {"$ref": "#/$defs/" + record, "$defs": schema["$defs"]}
            return Draft202012Validator(schema if record == "any" else definition)

        count = 0
        for path in sorted(pathlib.Path(sys.argv[2]).iterdir()):
            record = path.name.split("~")[0]
            for line in path.read_text().splitlines():
                value = json.loads(line)
                name = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else ""
                # A report's line is an object under its record's name: checked by that record alone, it is faster.
                isNamed = record in ("report_line", "any") and name in named
                check, value = (name, value[name]) if isNamed else (record, value)
                count += 1
                if validator(check).is_valid(value):
                    continue
                for error in validator(check).iter_errors(value):
                    print(path.name, error.json_path, error.message[:200])
                break
        print(count, "lines")
        """

    /// Checks lines of JSON, each text by its record; `any` is a line of any command.
    static func expectValid(_ texts: [(record: String, text: String)], atLeast least: Int) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let schema = folder.appendingPathComponent("schema.json")
        let lines = folder.appendingPathComponent("lines")
        try FileManager.default.createDirectory(at: lines, withIntermediateDirectories: true)
        try Data(try Tool.run("schema").output.utf8).write(to: schema)
        for (index, (record, text)) in texts.enumerated() {
            try Data(text.utf8).write(to: lines.appendingPathComponent("\(record)~\(index)"))
        }
        let outcome = try Tool.run(try #require(python), ["-c", script, schema.path, lines.path])
        #expect(outcome.code == 0, "\(outcome.errors)")
        let report = outcome.output.split(separator: "\n")
        #expect(report.count == 1, "\(outcome.output.prefix(3000))")
        #expect(report.last.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0 >= least)
    }

    private static func schema() throws -> [String: Any] {
        try #require(try Tool.objects(try Tool.run("schema").output).first)
    }

    @Test(
        .enabled(if: python != nil, "skipped: JSON Schema: Scripts/setup test installs jsonschema"))
    func `all lines of all captures follow the schema`() throws {
        var texts: [(record: String, text: String)] = []
        for output in SchemaTests.outputs {
            var text = ""
            for capture in Tool.captures {
                text += try Tool.run(Tool.path, output.arguments + [Tool.capture(capture)]).output
            }
            #expect(!text.isEmpty)
            texts.append((output.record, text))
        }
        let kinds = ["close-wait-leak", "unfinished", "connection-churn"]
        for name in ["LISTEN", "CLOSE_WAIT", "UNKNOWN"] + kinds {
            texts.append(("report_line", try Tool.run("explain", "--json", name).output))
        }
        for arguments in [
            ["compare", "--segments"], ["explain", "--connection", "10.2.1.1:59798"],
        ] {
            let pair = arguments + ["--json"] + CompareTests.pair("forged-rst")
            texts.append(("report_line", try Tool.run(Tool.path, pair).output))
        }
        texts.append(("interface", try Tool.run("interfaces", "--json").output))
        let shards = try Shards([[Tool.capture("refused.pcap")]], count: 2)
        texts.append(
            (
                "state_counts",
                try shards.merge(["--print", "states", "--every", "1s", "--json"]).output
            ))
        try Self.expectValid(texts, atLeast: 5_000)
    }

    @Test func `a field has one type and one meaning, whatever the record`() throws {
        let definitions = try #require(try Self.schema()["$defs"] as? [String: [String: Any]])
        var seen: [String: NSDictionary] = [:]
        var count = 0
        for (name, definition) in definitions {
            for (field, property) in definition["properties"] as? [String: NSDictionary] ?? [:] {
                count += 1
                if let other = seen[field] { #expect(other == property, "\(name).\(field)") }
                seen[field] = property
            }
        }
        #expect(count > 150)
        #expect(seen.count < count)
    }

    /// Names that programs read: they stay.
    @Test(arguments: [
        (
            "transition",
            [
                "ts", "client", "server", "endpoint", "from", "to", "not_before", "not_after",
                "grade", "frame",
            ]
        ),
        (
            "connection",
            [
                "src", "sport", "dst", "dport", "packets", "completeness", "stream", "client_state",
                "server_state",
            ]
        ),
        (
            "finding",
            [
                "diagnosis", "fault", "severity", "grade", "service", "title", "sentence", "remedy",
            ]
        ),
        ("quality", ["trap", "effect"]),
    ])
    func `names that programs read stay`(record: String, names: [String]) throws {
        let definitions = try #require(try Self.schema()["$defs"] as? [String: [String: Any]])
        let required = try #require(definitions[record]?["required"] as? [String])
        #expect(Set(names).isSubset(of: required))
    }

    @Test func `report lines are named finding, endings and quality`() throws {
        let lines = try Tool.objects(
            try Tool.run("report", "--json", Tool.capture("incident.pcapng")).output)
        let names = Set(lines.flatMap(\.keys))
        #expect(names == ["capture", "state_counts", "finding", "endings", "quality"])
        let endings = lines.compactMap { $0["endings"] as? [String: Int] }
        #expect(endings.count == 1)
        #expect(endings.first?.keys.contains("reset_by_client") == true)
    }

    /// Expects of every number in a value that floating point does not have a text with its digits beside it.
    static func expectExact(_ value: Any, _ path: String) {
        if let object = value as? [String: Any] {
            for (name, value) in object {
                if let number = value as? NSNumber, !(value is Bool),
                    number.int64Value.magnitude > 1 << 53
                {
                    let count = number.int64Value
                    let twins = [
                        name == "ts" ? "time" : name + "_time", name + "_seconds", name + "_text",
                    ]
                    let text = twins.compactMap { object[$0] as? String }.first
                    // Before 1970 the nanoseconds of a second count up; those of a length have its sign.
                    let rests = [
                        count.magnitude, (count % 1_000_000_000 + 1_000_000_000).magnitude,
                    ]
                    let ends = rests.map {
                        String(String(1_000_000_000 + $0 % 1_000_000_000).suffix(9))
                    }
                    let isExact = text.map { text in
                        text == "\(count)" || ends.contains { text.contains("." + $0) }
                    }
                    #expect(isExact == true, "\(path).\(name)")
                }
                expectExact(value, path + "." + name)
            }
        } else if let list = value as? [Any] {
            for value in list { expectExact(value, path + "[]") }
        }
    }

    /// RFC 8259, section 6: integers beyond 2^53 are not exact everywhere.
    @Test func `every number that a reader may round has its digits in a text`() throws {
        for output in SchemaTests.outputs {
            let outcome = try Tool.run(
                Tool.path, output.arguments + [Tool.capture("incident.pcapng")])
            for line in try Tool.objects(outcome.output) { Self.expectExact(line, output.record) }
        }
    }

    @Test func `times in both forms are the same moment`() throws {
        let row = try #require(
            try Tool.objects(
                try Tool.run("transitions", "--json", Tool.capture("refused.pcap")).output
            ).first)
        let nanoseconds = try #require(row["ts"] as? Int64)
        let text = try #require(row["time"] as? String)
        let parts = text.dropLast().split(separator: ".")
        let formatter = ISO8601DateFormatter()
        let date = try #require(formatter.date(from: parts[0] + "Z"))
        #expect(Int64(date.timeIntervalSince1970) == nanoseconds / 1_000_000_000)
        #expect(Int64(parts[1]) == nanoseconds % 1_000_000_000)
    }

    @Test func `names of the Elastic Common Schema and of OpenTelemetry`() throws {
        let capture = Tool.capture("close-wait-leak.pcap")
        let ecs = try #require(
            try Tool.objects(
                try Tool.run("connections", "--json", "--names", "ecs", capture).output
            ).first)
        // ECS 8: source, destination, event and network fields.
        for field in [
            "source.ip", "source.port", "destination.ip", "destination.port", "event.start",
            "event.end", "event.duration", "event.kind", "event.category", "network.transport",
            "network.type", "network.community_id", "network.packets", "network.bytes",
        ] { #expect(ecs[field] != nil, "\(field)") }
        #expect(ecs["network.type"] as? String == "ipv4")
        #expect(ecs["event.start"] is String)
        #expect(ecs["wirestate.server_state"] as? String == "CLOSE_WAIT")
        let otel = try #require(
            try Tool.objects(
                try Tool.run("netstat", "--json", "--names", "otel", capture).output
            ).first)
        // OpenTelemetry's semantic conventions: network attributes.
        for field in [
            "network.local.address", "network.local.port", "network.peer.address",
            "network.peer.port", "network.transport", "network.type",
        ] { #expect(otel[field] != nil, "\(field)") }
        #expect(["close_wait", "fin_wait_2"].contains(otel["network.connection.state"] as? String))
    }

    @Test func `a flag and a format that disagree are wrong usage`() throws {
        for arguments in [
            ["connections", "--json", "--format", "csv"], ["report", "--markdown", "--json"],
            ["netstat", "--ss", "--format", "json"],
            ["explain", "--json", "--format", "text", "LISTEN"],
        ] {
            let outcome = try Tool.run(Tool.path, arguments + [Tool.capture("refused.pcap")])
            #expect(outcome.code == 2, "\(arguments)")
        }
    }

    @Test func `a check's verdict is the first line, beside its findings`() throws {
        let outcome = try Tool.run(
            "check", "--json", "--fail-on", "close-wait-leak,reset:server", "--threshold",
            "close-wait=1s",
            Tool.capture("close-wait-leak.pcap"))
        #expect(outcome.code == 1)
        let lines = try Tool.objects(outcome.output)
        let verdict = try #require(lines.first?["verdict"] as? [String: Any])
        #expect(verdict["passed"] as? Bool == false)
        let rules = try #require(verdict["rules"] as? [[String: Any]])
        #expect(rules.map { $0["rule"] as? String } == ["close-wait-leak", "reset:server"])
        #expect(rules.map { $0["passed"] as? Bool } == [false, true])
        #expect(lines.contains { $0["finding"] != nil })
    }

    @Test func `damaged input is told in the report`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("cut.pcapng")
        let whole = try Data(contentsOf: URL(fileURLWithPath: Tool.capture("incident.pcapng")))
        try whole.prefix(200_000).write(to: path)
        let outcome = try Tool.run("report", "--json", path.path)
        #expect(outcome.code == 3)
        let capture = try #require(
            try Tool.objects(outcome.output).first?["capture"] as? [String: Any])
        let problems = try #require(capture["problems"] as? [String])
        #expect(problems.count == 1)
        #expect(problems.first?.contains("cut in the middle") == true)
    }
}
