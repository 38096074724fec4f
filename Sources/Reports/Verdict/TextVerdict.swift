internal import Diagnosis

/// A check for people: a line for each rule, and one for each finding that breaks it.
public struct TextVerdict: Format {
    private let palette: Palette

    /// Makes one.
    public init(palette: Palette = .plain) { self.palette = palette }

    /// Writes a verdict.
    public mutating func write(_ verdict: Verdict, to sink: inout some Sink & ~Copyable) {
        for outcome in verdict.outcomes {
            guard !outcome.findings.isEmpty else {
                sink.write(palette.good("ok   ") + " \(outcome.rule.text)\n")
                continue
            }
            sink.write(palette.bad("found") + " \(outcome.rule.text)\n")
            for group in outcome.findings {
                for line in wrapped(group.line, indent: 6) { sink.write(line + "\n") }
            }
        }
    }
}
