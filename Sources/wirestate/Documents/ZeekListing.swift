import Analysis
import ArgumentParser
import Hashing
import Reports
import TCPState
import Wire

/// The flags of Zeek's formats.
struct ZeekOptions: ParsableArguments {
    @Flag(
        help: "With a Zeek format: end rows by Zeek's own timers (5 s, 5 min, 1 h), as Zeek does.")
    var zeekTimers = false

    @Option(
        help: ArgumentHelp(
            "With a Zeek format: ports that are likely a server's, for a capture without the SYN.",
            valueName: "port,…"))
    var serverPorts: String?

    /// The ports; Zeek's own list where none is given.
    var likelyServerPorts: Set<UInt16> {
        guard let serverPorts else { return ZeekPorts.likelyServerPorts }
        return Set(serverPorts.split(separator: ",").compactMap { UInt16($0) })
    }

    func validate() throws {
        for word in (serverPorts ?? "").split(separator: ",") where UInt16(word) == nil {
            throw ValidationError("--server-ports '\(word)' is no port.")
        }
    }
}

/// Lists connections as Zeek's logs have them.
struct ZeekListing {
    private let zeek: ZeekOptions
    private let options: CommonOptions

    init(_ zeek: ZeekOptions, _ options: CommonOptions) {
        self.zeek = zeek
        self.options = options
    }

    /// Writes the log.
    ///
    /// - Parameter onlyOpen: leaves out the connections that are over.
    func list(isJSON: Bool, onlyOpen: Bool = false) throws {
        let analysis = options.analysis
        let local = analysis.options.localAddresses
        var output = Output()
        var log = ZeekConnections(
            path: onlyOpen ? "open_conn" : "conn", isJSON: isJSON,
            isLocal: local.isEmpty ? nil : { local.contains($0) })
        let ports = zeek.likelyServerPorts
        let input = try analysis.zeekConnections(
            hasTimers: zeek.zeekTimers, isServerPort: { ports.contains($0) }
        ) { record, connection in
            let states = Side.allCases.map { record.connection[$0].state }
            if onlyOpen, states.allSatisfy({ $0 == .closed || $0 == .timeWait }) { return }
            let ends = Side.allCases.map { (address: record.address($0), port: record.port($0)) }
            let uid = ConnectionUID.text(ends[0], ends[1], first: connection.first)
            log.write(ZeekConnections.Row(connection, uid: uid), to: &output)
        }
        log.end(&output)
        try input.end(output)
    }
}
