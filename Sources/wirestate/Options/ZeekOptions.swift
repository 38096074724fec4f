import ArgumentParser

/// The flags of Zeek's formats.
struct ZeekOptions: ParsableArguments {
    @Flag(
        help: "With a Zeek format: end connections by Zeek's own timers (5 s, 5 min, 1 h).")
    var zeekTimers = false

    @Option(
        help: ArgumentHelp(
            "With a Zeek format: ports of likely servers, for connections whose SYN was not captured.",
            valueName: "port,…"))
    var serverPorts: String?

    /// The ports; nil where none is given.
    var likelyServerPorts: Set<UInt16>? {
        serverPorts.map { Set($0.split(separator: ",").compactMap { UInt16($0) }) }
    }

    func validate() throws {
        for word in (serverPorts ?? "").split(separator: ",") where UInt16(word) == nil {
            throw ValidationError("--server-ports '\(word)' is not a port.")
        }
    }
}
