internal import Diagnosis

/// A check for people: a line for each rule and each expectation, and one for each finding that breaks a rule.
public struct TextVerdict: Format {
    private let layout: TextLayout
    private var palette: Palette { layout.palette }

    /// Makes one.
    public init(layout: TextLayout = TextLayout()) { self.layout = layout }

    /// Writes a verdict.
    public mutating func write(_ verdict: Verdict, to sink: inout some Sink & ~Copyable) {
        if let emptiness = verdict.emptiness {
            sink.write(failed + " \(emptiness) (--allow-empty passes it)\n")
        }
        for outcome in verdict.outcomes {
            guard !outcome.findings.isEmpty else {
                sink.write(passed + " no \(outcome.rule.text)\n")
                continue
            }
            sink.write(failed + " \(outcome.rule.text) found\n")
            for group in outcome.findings {
                for line in layout.wrapped(group.line, indent: 7, hanging: 2) {
                    sink.write(line + "\n")
                }
            }
        }
        for expectation in verdict.expectations {
            sink.write(
                expectation.isMet
                    ? passed + " \(expectation.rule.text) found\n"
                    : failed + " \(expectation.rule.text) expected, not found\n")
        }
    }

    private var passed: String { palette.good("passed") }
    private var failed: String { palette.bad("FAILED") }
}
