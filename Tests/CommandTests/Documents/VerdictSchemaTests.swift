import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What `check --sarif` and `check --junit` write, by the schemas of these formats.
struct VerdictSchemaTests {
    /// Checks that pass, fail, lack what they expect, and cannot read; files with names that no format likes.
    private static let checks: [(rules: [String], file: String)] = [
        (["--fail-on", "warning"], "incident.pcapng"),
        (["--fail-on", "close-wait-leak,reset:client", "--all"], "incident.pcapng"),
        (["--fail-on", "syn-flood", "--expect", "self-connect"], "refused.pcap"),
        ([], "clean-close-by-client.pcap"), (["--allow-empty"], "empty\u{1b} <&\"'>.pcap"),
        ([], "empty\u{1b} <&\"'>.pcap"), (["--fail-on", "notice"], "cut.pcapng"),
        (["--fail-on", "notice"], "cases/syn-flood.pcap"),
        (["--fail-on", "notice"], "cases/trap-client-only.pcap"),
        (["--fail-on", "notice"], "cases/forged-rst-at-client.pcap"),
    ]

    /// A Python with the classes that were made from the SARIF 2.1.0 schema (OASIS); nil where there is none. They
    /// forbid what the schema forbids: other properties, types and values, and what it requires to be missing.
    private static let python = Tool.package.appendingPathComponent(".build/python/bin/python").path
    private static let hasSARIF =
        (try? Tool.run(python, ["-c", "import pydantic_sarif.model"]).code) == 0
    private static let sarif = """
        import sys
        from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log
        results = 0
        for path in sys.argv[1:]:
            log = Log.model_validate_json(open(path).read())
            for run in log.runs:
                results += len(run.results)
                for result in run.results:
                    assert run.tool.driver.rules[result.ruleIndex].id == result.ruleId
        print(results)
        """

    /// JUnit's XML has no standard. These are the elements and attributes that Maven Surefire's schema and that of
    /// Jenkins' xUnit plug-in (junit-10) have in common, in RELAX NG, written for this test.
    private static let junit = """
        <grammar xmlns="http://relaxng.org/ns/structure/1.0"
            datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
          <start>
            <element name="testsuites">
              <optional><attribute name="name"/></optional><ref name="counts"/>
              <zeroOrMore>
                <element name="testsuite">
                  <attribute name="name"/><ref name="counts"/>
                  <optional><attribute name="skipped"><data type="nonNegativeInteger"/></attribute></optional>
                  <zeroOrMore><ref name="case"/></zeroOrMore>
                </element>
              </zeroOrMore>
            </element>
          </start>
          <define name="counts">
            <attribute name="tests"><data type="nonNegativeInteger"/></attribute>
            <attribute name="failures"><data type="nonNegativeInteger"/></attribute>
            <attribute name="errors"><data type="nonNegativeInteger"/></attribute>
            <attribute name="time"><data type="decimal"/></attribute>
          </define>
          <define name="case">
            <element name="testcase">
              <attribute name="name"/><attribute name="classname"/>
              <attribute name="time"><data type="decimal"/></attribute>
              <zeroOrMore>
                <choice>
                  <element name="failure"><ref name="trouble"/></element>
                  <element name="error"><ref name="trouble"/></element>
                  <element name="skipped"><ref name="trouble"/></element>
                </choice>
              </zeroOrMore>
            </element>
          </define>
          <define name="trouble">
            <attribute name="type"/><optional><attribute name="message"/></optional><text/>
          </define>
        </grammar>
        """

    /// Runs the checks. Returns the paths of the documents.
    private static func documents(in folder: URL) throws -> (sarif: [String], junit: [String]) {
        let incident = try Data(contentsOf: URL(fileURLWithPath: Tool.capture("incident.pcapng")))
        try incident.prefix(200_000).write(to: folder.appendingPathComponent("cut.pcapng"))
        // A pcap header and no packet.
        let refused = try Data(contentsOf: URL(fileURLWithPath: Tool.capture("refused.pcap")))
        try refused.prefix(24).write(
            to: folder.appendingPathComponent("empty\u{1b} <&\"'>.pcap"))
        var paths: (sarif: [String], junit: [String]) = ([], [])
        for (index, check) in checks.enumerated() {
            let made = folder.appendingPathComponent(check.file)
            let isMade = FileManager.default.fileExists(atPath: made.path)
            paths.sarif.append(folder.appendingPathComponent("\(index).sarif").path)
            paths.junit.append(folder.appendingPathComponent("\(index).xml").path)
            _ = try Tool.run(
                Tool.path,
                ["check"] + check.rules
                    + [
                        "--sarif", paths.sarif[index], "--junit", paths.junit[index],
                        isMade ? made.path : Tool.capture(check.file),
                    ])
        }
        return paths
    }

    @Test(.enabled(if: hasSARIF, "skipped: Scripts/setup test installs pydantic-sarif"))
    func `SARIF follows its schema`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = try Self.documents(in: folder).sarif
        let outcome = try Tool.run(Self.python, ["-c", Self.sarif] + paths)
        #expect(outcome.code == 0, "\(outcome.errors.suffix(2000))")
        #expect(Int(outcome.output.filter(\.isNumber)) ?? 0 > 20)
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/xmllint"),
            "skipped: Scripts/setup test installs xmllint"))
    func `JUnit XML follows its schema, and its counts are right`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = try Self.documents(in: folder).junit
        let schema = folder.appendingPathComponent("junit.rng")
        try Data(Self.junit.utf8).write(to: schema)
        let outcome = try Tool.run(
            "/usr/bin/xmllint", ["--noout", "--nonet", "--relaxng", schema.path] + paths)
        #expect(outcome.code == 0, "\(outcome.errors.prefix(2000))")
        for path in paths {
            let document = try XMLDocument(contentsOf: URL(fileURLWithPath: path))
            for (count, elements) in [
                ("tests", "testcase"), ("failures", "failure"), ("errors", "error"),
            ] {
                let found = try document.nodes(forXPath: "//\(elements)").count
                for total in try document.nodes(forXPath: "//@\(count)") {
                    #expect(total.stringValue == String(found), "\(path) \(count)")
                }
            }
        }
    }
}
