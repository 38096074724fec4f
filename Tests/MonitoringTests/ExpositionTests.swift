import Foundation
import Monitoring
import TCPState
import Testing
import Wire

@Suite struct ExpositionTests {
    private func sample(_ dialect: Exposition.Dialect) -> String {
        var output = Exposition(dialect)
        output.begin("t_seen", .counter, "Things.")
        output.add(["name": "a\"b\\c\nd"], total: 3)
        output.begin("t_age_seconds", .gauge, "Age.")
        output.add([:], .milliseconds(1500))
        var histogram = DurationHistogram(bounds: [100_000_000, 1_000_000_000])
        for length: TimeSpan in [50_000_000, 100_000_000, 200_000_000, 5_000_000_000] {
            histogram.observe(length)
        }
        output.begin("t_duration_seconds", .histogram, "Lengths.")
        output.add([:], histogram)
        return output.finish()
    }

    /// https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-example
    @Test func `Prometheus' text`() {
        #expect(
            sample(.prometheus) == """
                # HELP t_seen_total Things.
                # TYPE t_seen_total counter
                t_seen_total{name="a\\"b\\\\c\\\\x0ad"} 3
                # HELP t_age_seconds Age.
                # TYPE t_age_seconds gauge
                t_age_seconds 1.5
                # HELP t_duration_seconds Lengths.
                # TYPE t_duration_seconds histogram
                t_duration_seconds_bucket{le="0.1"} 2
                t_duration_seconds_bucket{le="1.0"} 3
                t_duration_seconds_bucket{le="+Inf"} 4
                t_duration_seconds_sum 5.35
                t_duration_seconds_count 4

                """)
    }

    /// A counter's family has no `_total` there, and the text has an end.
    @Test func `OpenMetrics' text`() {
        let text = sample(.openMetrics)
        #expect(text.contains("# TYPE t_seen counter\nt_seen_total{"))
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    @Test func `the dialect is the client's`() {
        let prometheus =
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        #expect(Exposition.Dialect(accept: prometheus) == .openMetrics)
        #expect(Exposition.Dialect(accept: "text/plain") == .prometheus)
        #expect(Exposition.Dialect(accept: "") == .prometheus)
    }
}
