internal import Diagnosis
internal import POSIX

/// A check as JUnit XML: a test case for each rule, each expectation and the capture itself, with a failure where
/// one is not met; an error for a file that could not be read.
public struct JUnitVerdict: Format {
    /// Makes one.
    public init() {}

    /// Writes a verdict.
    public mutating func write(_ verdict: Verdict, to sink: inout some Sink & ~Copyable) {
        let missing = verdict.expectations.filter { !$0.isMet }
        let failures =
            verdict.outcomes.count { !$0.findings.isEmpty } + missing.count
            + (verdict.emptiness == nil ? 0 : 1)
        let cases =
            1 + verdict.outcomes.count + verdict.expectations.count
            + (verdict.problems.isEmpty ? 0 : 1)
        let counts =
            "tests=\"\(cases)\" failures=\"\(failures)\""
            + " errors=\"\(verdict.problems.isEmpty ? 0 : 1)\" time=\"0\""
        sink.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        sink.write("<testsuites name=\"wirestate\" \(counts)>\n")
        sink.write("  <testsuite name=\"wirestate check\" \(counts) skipped=\"0\">\n")
        writeCase(
            "the capture is not empty", failure: verdict.emptiness.map { ("empty", $0, "") },
            to: &sink)
        for outcome in verdict.outcomes {
            let lines = outcome.findings.map { group in
                let filter = verdict.report.displayFilter(of: group)
                let steps = group.remedy.map { "\n- " + $0 }.joined()
                return "\(group.line)\n\(group.sentence)\nWireshark: \(filter)\(steps)\n"
            }
            let failure = outcome.findings.first.map {
                (outcome.rule.text, $0.line, lines.joined())
            }
            writeCase(outcome.rule.text, failure: failure, to: &sink)
        }
        for expectation in verdict.expectations {
            let name = "expected: \(expectation.rule.text)"
            let failure =
                expectation.isMet ? nil : ("missing", "\(expectation.rule.text) was not found", "")
            writeCase(name, failure: failure, to: &sink)
        }
        if !verdict.problems.isEmpty {
            let text = escaped(verdict.problems.joined(separator: "\n"))
            sink.write("    <testcase classname=\"wirestate.check\" name=\"capture\" time=\"0\">\n")
            sink.write("      <error type=\"capture\" message=\"\(text)\"/>\n    </testcase>\n")
        }
        sink.write("  </testsuite>\n</testsuites>\n")
    }

    /// A test case; a failure has a type, a message in one line, and more text.
    private func writeCase(
        _ name: String, failure: (type: String, message: String, text: String)?,
        to sink: inout some Sink & ~Copyable
    ) {
        let head =
            "    <testcase classname=\"wirestate.check\" name=\"\(escaped(name))\" time=\"0\""
        guard let failure else { return sink.write(head + "/>\n") }
        sink.write(
            head + ">\n      <failure type=\"\(escaped(failure.type))\""
                + " message=\"\(escaped(failure.message))\">\(escaped(failure.text))</failure>\n"
                + "    </testcase>\n")
    }

    /// Text for XML 1.0: its markup escaped, what it does not allow replaced.
    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "\n"
            case _ where scalar.value < 32 || scalar.value == 0xfffe || scalar.value == 0xffff:
                result += "?"
            case _ where scalar.isVisible: result.unicodeScalars.append(scalar)
            case _ where PathText.byte(scalar) != nil: result += "\u{fffd}"
            default: result += "&#x\(hexadecimal(scalar.value, digits: 2));"
            }
        }
        return result
    }
}
