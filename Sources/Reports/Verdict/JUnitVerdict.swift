internal import Diagnosis
internal import POSIX

/// A check as JUnit XML: a test case for each rule, a failure for each finding that breaks it, an error
/// for a file that could not be read.
public struct JUnitVerdict: Format {
    /// Makes one.
    public init() {}

    /// Writes a verdict.
    public mutating func write(_ verdict: Verdict, to sink: inout some Sink & ~Copyable) {
        let failures = verdict.outcomes.count { !$0.findings.isEmpty }
        let cases = verdict.outcomes.count + (verdict.problems.isEmpty ? 0 : 1)
        let counts =
            "tests=\"\(cases)\" failures=\"\(failures)\""
            + " errors=\"\(verdict.problems.isEmpty ? 0 : 1)\" time=\"0\""
        sink.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        sink.write("<testsuites name=\"wirestate\" \(counts)>\n")
        sink.write("  <testsuite name=\"wirestate check\" \(counts) skipped=\"0\">\n")
        for outcome in verdict.outcomes {
            let name = "name=\"\(escaped(outcome.rule.text))\""
            let head = "    <testcase classname=\"wirestate.check\" \(name) time=\"0\""
            guard !outcome.findings.isEmpty else {
                sink.write(head + "/>\n")
                continue
            }
            sink.write(head + ">\n")
            let lines = outcome.findings.map(\.line)
            sink.write(
                "      <failure type=\"\(escaped(outcome.rule.text))\""
                    + " message=\"\(escaped(lines[0]))\">")
            for (group, line) in zip(outcome.findings, lines) {
                let filter = verdict.report.displayFilter(of: group)
                let steps = group.remedy.map { "\n- " + $0 }.joined()
                sink.write(escaped("\(line)\n\(group.sentence)\nWireshark: \(filter)\(steps)\n"))
            }
            sink.write("</failure>\n    </testcase>\n")
        }
        if !verdict.problems.isEmpty {
            let text = escaped(verdict.problems.joined(separator: "\n"))
            sink.write("    <testcase classname=\"wirestate.check\" name=\"capture\" time=\"0\">\n")
            sink.write("      <error type=\"capture\" message=\"\(text)\"/>\n    </testcase>\n")
        }
        sink.write("  </testsuite>\n</testsuites>\n")
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
