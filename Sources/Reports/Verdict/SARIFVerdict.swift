internal import Diagnosis
internal import POSIX
internal import TCPState
internal import Wire

/// A check as SARIF 2.1.0 (OASIS): a rule for each diagnosis, a result for each finding; those that the
/// check fails on are errors.
public struct SARIFVerdict: Format {
    private let version: String
    private let folder: String?

    /// - Parameters:
    ///   - version: this program's.
    ///   - folder: the working directory: files in it are named relative to it.
    public init(version: String, folder: String? = nil) {
        self.version = version
        self.folder = folder
    }

    /// Writes a verdict.
    public mutating func write(_ verdict: Verdict, to sink: inout some Sink & ~Copyable) {
        let report = verdict.report
        let groups = report.findings.filter { $0.severity != .benign }
        let kinds = FindingKind.kinds(of: groups).map(\.groups[0].key.diagnosis)
        var names = kinds.map(\.name)
        var rules = kinds.map { rule($0) }
        let failures = self.failures(verdict)
        for failure in failures where !names.contains(failure.name) {
            names.append(failure.name)
            rules.append(rule(failure.name, failure.meaning))
        }
        var driver = JSONObject()
        driver.add("name", "wirestate")
        driver.add("version", version)
        driver.add("rules", rules)
        var tool = JSONObject()
        tool.add("driver", driver)
        var run = JSONObject()
        run.add("tool", tool)
        run.add("invocations", [invocation(verdict)])
        run.add("artifacts", report.input.files.map { artifact($0) })
        run.add(
            "results",
            groups.map { group in
                let fails = verdict.outcomes.contains { $0.rule.matches(group) }
                let index = names.firstIndex(of: group.key.diagnosis.name) ?? 0
                return result(group, report, fails: fails, rule: index)
            }
                + failures.map { failure in
                    let index = names.firstIndex(of: failure.name) ?? 0
                    return result(failure, report, rule: index)
                })
        var log = JSONObject()
        log.add("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
        log.add("version", "2.1.0")
        log.add("runs", [run])
        sink.write(log.description + "\n")
    }

    private func text(_ text: String) -> JSONObject {
        var object = JSONObject()
        object.add("text", text)
        return object
    }

    /// What is wrong beside findings: a name, what the name means, and the case.
    private typealias Failure = (name: String, meaning: String, message: String)

    private func failures(_ verdict: Verdict) -> [Failure] {
        let empty = verdict.emptiness.map {
            ("empty-capture", "the capture shows no TCP connection", $0)
        }
        return [empty].compactMap { $0 }
            + verdict.expectations.filter { !$0.isMet }.map {
                (
                    "missing-finding", "a finding that the check expects is missing",
                    "\($0.rule.text) was expected and not found"
                )
            }
    }

    /// What the catalogue says of a diagnosis, whatever this capture shows of it.
    private func rule(_ diagnosis: Diagnosis) -> JSONObject {
        var rule = self.rule(diagnosis.name, diagnosis.summary)
        rule.add("fullDescription", text(diagnosis.definition))
        let refutation =
            diagnosis.refutation.isEmpty ? [] : ["Rule out first: \(diagnosis.refutation)."]
        let help = [diagnosis.definition] + refutation + diagnosis.remedy
        rule.add("help", text(help.joined(separator: "\n")))
        return rule
    }

    private func rule(_ name: String, _ meaning: String) -> JSONObject {
        var rule = JSONObject()
        rule.add("id", name)
        rule.add("shortDescription", text(meaning))
        return rule
    }

    private func result(_ failure: Failure, _ report: Report, rule: Int) -> JSONObject {
        var physical = JSONObject()
        physical.add("artifactLocation", location(report.input.files.first ?? "-"))
        var resultLocation = JSONObject()
        resultLocation.add("physicalLocation", physical)
        var result = JSONObject()
        result.add("ruleId", failure.name)
        result.add("ruleIndex", rule)
        result.add("level", "error")
        result.add("message", text(failure.message))
        result.add("locations", [resultLocation])
        return result
    }

    private func invocation(_ verdict: Verdict) -> JSONObject {
        var invocation = JSONObject()
        invocation.add("executionSuccessful", verdict.problems.isEmpty)
        let notes = verdict.problems.map { problem in
            var note = JSONObject()
            note.add("level", "error")
            note.add("message", text(problem))
            return note
        }
        invocation.add("toolExecutionNotifications", notes)
        return invocation
    }

    private func location(_ path: String) -> JSONObject {
        var location = JSONObject()
        location.add("uri", uri(path))
        return location
    }

    private func artifact(_ path: String) -> JSONObject {
        var artifact = JSONObject()
        artifact.add("location", location(path))
        return artifact
    }

    private func result(
        _ group: FindingGroup, _ report: Report, fails: Bool, rule: Int
    ) -> JSONObject {
        let frame = FrameReference(rawValue: group.examples.first?.finding.frame ?? 0)
        let files = report.input.files
        var physical = JSONObject()
        physical.add("artifactLocation", location(files[min(frame.file - 1, files.count - 1)]))
        var resultLocation = JSONObject()
        resultLocation.add("physicalLocation", physical)
        if let service = group.key.service {
            var logical = JSONObject()
            logical.add("fullyQualifiedName", service.name)
            resultLocation.add("logicalLocations", [logical])
        }
        var properties = JSONObject()
        properties.add("severity", group.severity.name)
        properties.add("fault", group.key.fault.rawValue)
        properties.add("grade", group.grade.name)
        properties.add("connections", group.count)
        properties.add("frame", frame.number)
        properties.add("displayFilter", report.displayFilter(of: group))
        var result = JSONObject()
        result.add("ruleId", group.key.diagnosis.name)
        result.add("ruleIndex", rule)
        result.add("level", fails ? "error" : group.severity == .notice ? "note" : "warning")
        result.add("message", text("\(group.line). \(group.sentence)"))
        result.add("locations", [resultLocation])
        result.add("properties", properties)
        return result
    }

    /// A path as a URI reference: what RFC 3986, section 3.3, does not allow in a path is
    /// percent-encoded.
    private func uri(_ path: String) -> String {
        if path == "-" { return "stdin" }
        if let folder, path.hasPrefix(folder + "/") {
            return uri(String(path.dropFirst(folder.count + 1)))
        }
        let digits = Array("0123456789ABCDEF")
        var text = ""
        for byte in PathText.bytes(path) {
            let scalar = UnicodeScalar(byte)
            let isPlain =
                byte < 128
                && (("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                    || ("0"..."9").contains(scalar) || "/-._~".unicodeScalars.contains(scalar))
            if isPlain {
                text.unicodeScalars.append(scalar)
            } else {
                text += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
            }
        }
        return path.hasPrefix("/") ? "file://" + text : text
    }
}
