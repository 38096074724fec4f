public import ArgumentParser
import Host
import Reports
public import TCPState
import Wire

/// The flags that every command shares that tracks connections, live or from files.
struct TrackingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read only frames that match this pcap-filter(7) expression; it can also follow '--'.",
            valueName: "expression"))
    var filter: String?

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

    @Option(
        help: ArgumentHelp(
            """
            Keep at most this many connections; closed ones are removed first. Default: as many as fit \
            into half of the free memory.
            """,
            valueName: "count"))
    var maxConnections: Int?

    @OptionGroup var text: TextOptions

    /// How many connections to keep.
    var connectionLimit: Int { maxConnections ?? FreeMemory.connections }

    /// What stood after `--`: see ``Main/arguments``.
    @Option(help: .hidden)
    var filterWords: String?

    /// The capture filter, from wherever it was given.
    var expression: String? { filterWords ?? filter }

    /// See ``StackOptions``.
    var profile: StackProfile { timers.profile }

    /// The addresses of `--local`.
    var localAddresses: AddressSet { local ?? [] }

    mutating func validate() throws {
        if filter != nil, filterWords != nil {
            throw ValidationError("The filter is given twice: use --filter or '--', not both.")
        }
        if let maxConnections, maxConnections < 1 {
            throw ValidationError("--max-connections must be at least 1.")
        }
    }
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
