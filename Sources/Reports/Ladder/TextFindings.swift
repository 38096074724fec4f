public import Diagnosis

/// What is the matter with one connection, in words: below its ladder.
public struct TextFindings: Format {
    private let layout: TextLayout

    /// Makes one.
    public init(layout: TextLayout = TextLayout()) { self.layout = layout }

    /// Writes the findings, each with what to rule out and what to do.
    public mutating func write(_ groups: [FindingGroup], to sink: inout some Sink & ~Copyable) {
        let lines = GuideLines(layout: layout)
        lines.heading("Findings of this connection", to: &sink)
        guard !groups.isEmpty else { return lines.write("None.", indent: 2, to: &sink) }
        for group in groups {
            lines.write(
                "- \(group.key.diagnosis.name): \(group.verdict) \(group.sentence)", indent: 2,
                hanging: 2, to: &sink)
            if !group.refutation.isEmpty {
                lines.write("Rule out first: \(group.refutation).", indent: 4, to: &sink)
            }
            for step in group.remedy {
                lines.write("→ " + step, indent: 4, hanging: 2, to: &sink)
            }
        }
    }
}
