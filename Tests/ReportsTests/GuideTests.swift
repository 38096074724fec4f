import Diagnosis
import Reports
import Testing

/// What `explain KIND` and the help topics write.
struct GuideTests {
    private static func layout(_ columns: Int) -> TextLayout {
        var layout = TextLayout()
        layout.columns = columns
        return layout
    }

    @Test(arguments: Diagnosis.allCases)
    func `Every kind is explained, in 60 columns as well`(_ kind: Diagnosis) {
        var sink = TextSink()
        var format = DiagnosisGuide(layout: Self.layout(60))
        format.write(kind, to: &sink)
        #expect(sink.text.contains("\nDefinition\n  "))
        #expect(kind.summary.count <= 80 && !kind.summary.hasSuffix("."))
        #expect(kind.definition.hasSuffix("."))
        let long = sink.text.split(separator: "\n").filter { $0.count > 60 }
        // A command is on one line as far as a line can hold it.
        #expect(long == [])
        for threshold in kind.thresholds { #expect(sink.text.contains("  \(threshold.name) ")) }
    }

    @Test func `Every threshold is listed with its default and the kinds that it decides`() {
        var sink = TextSink()
        var format = ThresholdGuide(layout: Self.layout(80))
        format.write(.standard, to: &sink)
        for name in Thresholds.Name.allCases {
            #expect(sink.text.contains("\n  \(name.name) "))
            #expect(sink.text.contains(" \(name.standardText)   "))
        }
        #expect(sink.text.split(separator: "\n").filter { $0.count > 80 } == [])
    }

    @Test func `A threshold belongs to a kind`() {
        let used = Set(Diagnosis.allCases.flatMap(\.thresholds))
        #expect(Thresholds.Name.allCases.filter { !used.contains($0) } == [])
    }

    @Test func `Every kind is listed`() {
        var sink = TextSink()
        var format = KindGuide(layout: Self.layout(80))
        format.write(Diagnosis.allCases, to: &sink)
        let names = sink.text.split(separator: "\n").compactMap {
            $0.hasPrefix("  ") ? $0.split(separator: " ").first.map(String.init) : nil
        }
        #expect(Diagnosis.allCases.allSatisfy { names.contains($0.name) })
    }
}

struct CountTests {
    @Test(
        arguments: [
            (0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567"),
            (-1_000, "-1,000"), (-999, "-999"), (Int64.min, "-9,223,372,036,854,775,808"),
        ] as [(Int64, String)])
    func `A comma stands before every three digits`(_ number: Int64, _ text: String) {
        #expect(Count(number).description == text)
    }

    @Test func `A noun agrees with its number`() {
        #expect(Count(1).of("frame") == "1 frame")
        #expect(Count(0).of("frame") == "0 frames")
        #expect(Count(UInt64.max).of("frame") == "18,446,744,073,709,551,615 frames")
    }
}
