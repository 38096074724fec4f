internal import Reports
public import Wire

/// Metrics in a text that Prometheus scrapes: its own exposition format, version 0.0.4, or OpenMetrics 1.0.
///
/// A family is written at once: its head, then its samples.
public struct Exposition: Sendable {
    /// The two texts, which differ in little.
    public enum Dialect: Sendable {
        /// https://prometheus.io/docs/instrumenting/exposition_formats/
        case prometheus
        /// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
        case openMetrics

        /// The one that a client prefers, by its `Accept` header.
        public init(accept: String) {
            let acceptsOpenMetrics = accept.split(separator: ",").contains { range in
                range.split(separator: ";").first.map {
                    $0.trimmed == "application/openmetrics-text"
                }
                    ?? false
            }
            self = acceptsOpenMetrics ? .openMetrics : .prometheus
        }

        /// The media type.
        public var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    /// What a family's numbers are.
    public enum Kind: String, Sendable {
        /// Grows, and begins at zero when the program does.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts by size.
        case histogram
    }

    /// Label names and values, in the order in which they are written.
    public typealias Labels = KeyValuePairs<StaticString, String>

    private let dialect: Dialect
    private var text = ""
    private var family = ""

    /// An empty text.
    public init(_ dialect: Dialect = .prometheus) { self.dialect = dialect }

    /// Begins a family.
    ///
    /// - Parameters:
    ///   - name: without the `_total` of a counter.
    ///   - help: a sentence.
    public mutating func begin(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        family = name.description
        let isTotal = kind == .counter && dialect == .prometheus
        let shown = family + (isTotal ? "_total" : "")
        text += "# HELP \(shown) \(help)\n# TYPE \(shown) \(kind.rawValue)\n"
    }

    /// Adds a sample of a gauge.
    public mutating func add(_ labels: Labels = [:], _ value: some BinaryInteger) {
        write("", labels, String(value))
    }

    /// Adds a sample of a gauge that is a length of time.
    public mutating func add(_ labels: Labels = [:], _ span: TimeSpan) {
        write("", labels, Exposition.seconds(span))
    }

    /// Adds a sample of a counter.
    public mutating func add(_ labels: Labels = [:], total: UInt64) {
        write("_total", labels, String(total))
    }

    /// Adds a histogram: its buckets, sum and count.
    public mutating func add(_ labels: Labels = [:], _ histogram: DurationHistogram) {
        var sum: UInt64 = 0
        for (index, bound) in histogram.bounds.enumerated() {
            sum += histogram[index]
            write("_bucket", labels, String(sum), bound: Exposition.bound(bound))
        }
        write("_bucket", labels, String(histogram.count), bound: "+Inf")
        write("_sum", labels, Exposition.seconds(histogram.sum))
        write("_count", labels, String(histogram.count))
    }

    private mutating func write(
        _ suffix: StaticString, _ labels: Labels, _ value: String, bound: String? = nil
    ) {
        text += family
        text += suffix.description
        var separator = "{"
        for (name, value) in labels {
            text += "\(separator)\(name)=\"\(Exposition.escaped(value))\""
            separator = ","
        }
        if let bound { text += "\(separator)le=\"\(bound)\"" }
        text += (labels.isEmpty && bound == nil ? " " : "} ") + value + "\n"
    }

    /// What is written so far, as a whole.
    public consuming func finish() -> String { dialect == .openMetrics ? text + "# EOF\n" : text }

    /// A label's value: backslash, quote and line feed are escaped, as both formats say; what a terminal would obey is
    /// replaced.
    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.visible.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    /// Seconds with what is needed of nine digits.
    static func seconds(_ span: TimeSpan) -> String {
        let (whole, rest) = span.nanoseconds.magnitude.quotientAndRemainder(
            dividingBy: 1_000_000_000)
        let sign = span < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        var digits = String(rest)
        digits = String(repeating: "0", count: 9 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }

    /// A bucket's bound in OpenMetrics' canonical form, `1.0`: one spelling, whichever format is scraped.
    private static func bound(_ span: TimeSpan) -> String {
        let text = seconds(span)
        return text.contains(".") ? text : text + ".0"
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
