public import Diagnosis

/// A kind of finding explained for people: what it means, what decides it, what to rule out, what to do.
public struct DiagnosisGuide: Format {
    private let layout: TextLayout

    /// Makes one.
    public init(layout: TextLayout = TextLayout()) { self.layout = layout }

    /// Writes the explanation.
    public mutating func write(_ diagnosis: Diagnosis, to sink: inout some Sink & ~Copyable) {
        let lines = GuideLines(layout: layout)
        lines.write("\(diagnosis.name): \(diagnosis.summary)", to: &sink)
        if let other = diagnosis.otherName {
            lines.write("(seen from the other side: \(other))", to: &sink)
        }
        lines.heading("Definition", to: &sink)
        lines.write(diagnosis.definition, indent: 2, to: &sink)
        if !diagnosis.thresholds.isEmpty {
            lines.heading("Thresholds (--threshold NAME=VALUE)", to: &sink)
            for threshold in diagnosis.thresholds { lines.write(threshold, to: &sink) }
        }
        if !diagnosis.refutation.isEmpty {
            lines.heading("Rule out first", to: &sink)
            lines.write(diagnosis.refutation, indent: 2, to: &sink)
        }
        if !diagnosis.remedy.isEmpty {
            lines.heading("What to do, if the server is at fault", to: &sink)
            for step in diagnosis.remedy {
                lines.write("→ " + step, indent: 2, hanging: 2, to: &sink)
            }
        }
        lines.heading("Next steps", to: &sink)
        lines.write("wirestate report FILE --kind \(diagnosis.name)", indent: 2, to: &sink)
        if let example = diagnosis.example {
            lines.write("wirestate \(example)", indent: 2, to: &sink)
            lines.write("an example capture, in the source tree of wirestate", indent: 8, to: &sink)
        }
    }
}

/// The thresholds, for `wirestate help thresholds`.
public struct ThresholdGuide: Format {
    private let layout: TextLayout

    /// Makes one.
    public init(layout: TextLayout = TextLayout()) { self.layout = layout }

    /// Writes all thresholds with their defaults, and which kinds of findings they decide.
    public mutating func write(_ thresholds: Thresholds, to sink: inout some Sink & ~Copyable) {
        let lines = GuideLines(layout: layout)
        lines.write(
            "Thresholds decide when something counts as a finding. --threshold NAME=VALUE overrides one, for"
                + " example --threshold close-wait=120s. The defaults:", to: &sink)
        sink.write("\n")
        for name in Thresholds.Name.allCases {
            lines.write(name, to: &sink)
            let kinds = Diagnosis.allCases.filter { $0.thresholds.contains(name) }.map(\.name)
            if !kinds.isEmpty {
                // The longest names need 28 columns.
                let indent = min(34, layout.columns - 28)
                lines.write("(\(kinds.joined(separator: ", ")))", indent: indent, to: &sink)
            }
        }
    }
}

/// The kinds of findings, for `wirestate help kinds`.
public struct KindGuide: Format {
    private let layout: TextLayout

    /// Makes one.
    public init(layout: TextLayout = TextLayout()) { self.layout = layout }

    /// Writes the names of some diagnoses and what they are in a line.
    public mutating func write(_ kinds: [Diagnosis], to sink: inout some Sink & ~Copyable) {
        let lines = GuideLines(layout: layout)
        lines.write(
            "Kinds of findings, as in --kind, --fail-on and the filter kind:NAME. 'wirestate explain NAME'"
                + " explains one.", to: &sink)
        sink.write("\n")
        for kind in kinds { lines.write(kind.name, kind.summary, column: 31, to: &sink) }
    }
}

/// The filter language, for `wirestate help filters`.
public struct FilterGuide: Format {
    private let layout: TextLayout

    /// Makes one.
    public init(layout: TextLayout = TextLayout()) { self.layout = layout }

    /// Writes the words of the filter language.
    public mutating func write(
        _ words: [(word: String, meaning: String)], to sink: inout some Sink & ~Copyable
    ) {
        let lines = GuideLines(layout: layout)
        lines.write(
            "A filter is a list of words that must all hold. ! before a word negates it. Used by --where of"
                + " report, connections and transitions, and by / on the screen of live.", to: &sink
        )
        sink.write("\n")
        for word in words { lines.write(word.word, word.meaning, column: 28, to: &sink) }
    }
}

/// The paragraphs of a guide.
struct GuideLines {
    let layout: TextLayout

    func heading(_ text: String, to sink: inout some Sink & ~Copyable) {
        sink.write("\n" + layout.palette.strong(text) + "\n")
    }

    func write(
        _ text: String, indent: Int = 0, hanging: Int = 0, to sink: inout some Sink & ~Copyable
    ) {
        for line in layout.wrapped(text, indent: indent, hanging: hanging) {
            sink.write(line + "\n")
        }
    }

    /// A name, and its meaning from a column on.
    func write(
        _ name: String, _ meaning: String, column: Int, to sink: inout some Sink & ~Copyable
    ) {
        let text = layout.wrapped(meaning, indent: column)
        if name.count + 3 > column {
            write(name, indent: 2, to: &sink)
            for line in text { sink.write(line + "\n") }
            return
        }
        sink.write(("  " + name).left(column) + text[0].dropFirst(column) + "\n")
        for line in text.dropFirst() { sink.write(line + "\n") }
    }

    /// A threshold, its default and its meaning.
    func write(_ name: Thresholds.Name, to sink: inout some Sink & ~Copyable) {
        write(
            name.name.left(23) + name.standardText.right(6), name.meaning, column: 34, to: &sink)
    }
}
