import ArgumentParser
import Live

/// The flags that say what the metrics of a live run hold, and where else they go.
struct MetricsOptions: ParsableArguments {
    /// Names of another exporter that can be given as well.
    enum Compatibility: String, ExpressibleByArgument, CaseIterable {
        case node
    }

    @Option(
        help: ArgumentHelp(
            "Write the metrics to a file every 15 s, for node_exporter's textfile collector.",
            valueName: "file.prom"))
    var textfile: String?

    @Option(
        help: ArgumentHelp(
            "'node': also export node_tcp_connection_states, the metric of node_exporter.",
            valueName: "exporter"))
    var compat: Compatibility?

    @Option(
        help: ArgumentHelp(
            "Export metrics of this many services with stuck connections.",
            valueName: "count"))
    var metricServices = 50

    /// What the flags ask for.
    var request: LiveOptions.Metrics {
        var metrics = LiveOptions.Metrics()
        metrics.version = Wirestate.version
        metrics.textfile = textfile
        metrics.serviceLimit = metricServices
        metrics.hasNodeNames = compat == .node
        return metrics
    }

    mutating func validate() throws {
        if !(0...1000).contains(metricServices) {
            throw ValidationError("--metric-services must be between 0 and 1000.")
        }
        if let textfile, !textfile.hasSuffix(".prom") {
            throw ValidationError("--textfile '\(textfile)': node_exporter reads '*.prom' only.")
        }
    }
}
