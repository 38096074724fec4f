import ArgumentParser
import Host

/// The flag that bounds how many connections are kept.
struct ConnectionLimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Keep at most this many connections; closed ones are removed first. Default: as many as fit \
            into half of the free memory.
            """,
            valueName: "count"))
    var maxConnections: Int?

    /// How many connections to keep.
    var count: Int { maxConnections ?? FreeMemory.connections }

    mutating func validate() throws {
        if let maxConnections, maxConnections < 1 {
            throw ValidationError("--max-connections must be at least 1.")
        }
    }
}
