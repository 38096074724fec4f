public import ArgumentParser
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
            Addresses or prefixes on this side, separated by commas: counted apart, and marked '>' in \
            the report.
            """, valueName: "address[/length],..."),
        transform: AddressSet.init(argument:))
    var local: AddressSet?

    @Flag(help: "Print JSON lines: short for --format json. See 'wirestate schema'.")
    var json = false

    @Option(
        help: "Whose names JSON fields have: wirestate, ecs (Elastic) or otel (OpenTelemetry).")
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

extension AddressSet {
    /// Reads the value of an option: addresses and prefixes, separated by commas.
    init(argument: String) throws {
        self.init()
        for word in argument.split(separator: ",") where !add(word) {
            throw ValidationError(
                "'\(word)' is not an address or prefix, such as 10.1.1.2, 10.1.0.0/16 or 2001:db8::/32"
            )
        }
        if isEmpty { throw ValidationError("an address is missing") }
    }
}
