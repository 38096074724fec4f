public import ArgumentParser
import Host
import Reports
public import TCPState
import Wire

/// The flags that every command shares that tracks connections, live or from files.
struct TrackingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only frames that match, see pcap-filter(7). Also as last words, after '--'.",
            valueName: "expression"))
    var filter: String?

    @Option(help: "How states are spelled: netstat, ss, rfc, otel, bsd or windows.")
    var states: StateSpelling = .netstat

    @Option(help: "Whose timers the hosts have: linux, rfc, bsd or windows.")
    var stack: String = "linux"

    @Option(
        help: ArgumentHelp(
            "Another value for a timer, such as 'time-wait=60s'; may be repeated. Timers: \(timers).",
            valueName: "name=time"))
    var timer: [TimerOverride] = []

    @Option(
        help: ArgumentHelp(
            "Addresses on this side, separated by commas: '>' marks them in the report.",
            valueName: "address,…"))
    var local: String?

    @Flag(help: "JSON lines: short for --format json. See 'wirestate schema'.")
    var json = false

    @Option(
        help: "Whose names JSON fields have: wirestate, ecs (Elastic) or otel (OpenTelemetry).")
    var names: JSONNames = .wirestate

    @Option(
        help: ArgumentHelp(
            """
            Keep at most so many connections: closed ones leave first. By default as many as fit into \
            half of the memory that is free.
            """,
            valueName: "count"))
    var maxConnections: Int?

    /// How many connections to keep.
    var connectionLimit: Int { maxConnections ?? FreeMemory.connections }

    /// What stood after `--`: see ``Main/arguments``.
    @Option(help: .hidden)
    var filterWords: String?

    /// The capture filter, from wherever it was given.
    var expression: String? { filterWords ?? filter }

    /// The profile, with its overrides.
    var profile: StackProfile {
        var profile = StackProfile.all.first { $0.name == stack } ?? .linux
        for override in timer { override.apply(to: &profile) }
        return profile
    }

    /// The addresses of `--local`.
    var localAddresses: Set<Address> {
        Set((local ?? "").split(separator: ",").compactMap { Address($0) })
    }

    mutating func validate() throws {
        if filter != nil, filterWords != nil {
            throw ValidationError("Give the filter once: by --filter or after '--'.")
        }
        if let maxConnections, maxConnections < 1 {
            throw ValidationError("--max-connections begins at 1.")
        }
        if !StackProfile.all.contains(where: { $0.name == stack }) {
            let names = StackProfile.all.map(\.name).joined(separator: ", ")
            throw ValidationError("--stack '\(stack)' is none of \(names).")
        }
        for word in (local ?? "").split(separator: ",") where Address(word) == nil {
            throw ValidationError("--local '\(word)' is no IPv4 or IPv6 address.")
        }
    }
}

/// The names of the timers, for help.
private let timers = TimerOverride.Timer.allCases.map(\.rawValue).joined(separator: ", ")

extension StateSpelling: ExpressibleByArgument {}
