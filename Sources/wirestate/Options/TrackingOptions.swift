public import ArgumentParser
import Arguments
import Reports
public import TCPState
import Wire

/// The flags that every command shares that tracks connections, live or from files.
struct TrackingOptions: ParsableArguments {
    @OptionGroup var captureFilter: CaptureFilterOptions

    @Option(help: ArgumentHelp("How to spell states.", valueName: "spelling"))
    var states: StateSpelling = .netstat

    @OptionGroup var timers: StackOptions

    @Option(
        help: ArgumentHelp(
            """
            Local addresses or prefixes, separated by commas: counted separately, and marked '>' in \
            the report.
            """, valueName: "address[/length],..."),
        transform: AddressSet.init(argument:))
    var local: AddressSet?

    @Flag(help: "Print JSON lines: short for --format json. See 'wirestate schema'.")
    var json = false

    @Option(
        help: "Names of the JSON fields: wirestate, ecs (Elastic) or otel (OpenTelemetry).")
    var names: JSONNames = .wirestate

    @OptionGroup var limit: ConnectionLimitOptions
    @OptionGroup var text: TextOptions

    /// See ``ConnectionLimitOptions``.
    var connectionLimit: Int { limit.count }

    /// See ``CaptureFilterOptions``.
    var expression: String? { captureFilter.expression }

    /// See ``StackOptions``.
    var profile: StackProfile { timers.profile }

    /// The addresses of `--local`.
    var localAddresses: AddressSet { local ?? [] }
}

extension StateSpelling: ExpressibleByArgument {}
