import Analysis
import ArgumentParser
import Documents
import Reports

struct ConnectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "List connections, one per line: addresses, counters, states, how they ended.",
        usage: """
            wirestate connections [<options>] <files> ...
                [-- <filter>]
            """,
        discussion: """
            EXAMPLES
              wirestate connections incident.pcapng | grep reset
              wirestate connections --json f.pcap | jq 'select(.client_traffic.syn > 1)'
              wirestate connections --format zeek f.pcap | zeek-cut id.resp_h conn_state
                    the fields of Zeek's conn.log
              wirestate connections --format eve incident.pcapng
                    Suricata flow records
              wirestate connections --order end --json huge.pcap
                    each connection when it ends, with little memory
              wirestate connections --where 'state:close-wait age>60s' incident.pcapng
                    only connections that match; see 'wirestate help filters'
            """)

    @Option(help: "Output format.")
    var format: ConnectionsFormat?

    @Option(
        help: """
            Order of the lines; 'end' prints each connection when it ends: with little memory.
            """)
    var order = ConnectionsOrder.start

    @OptionGroup var filter: FilterOptions
    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var zeek: ZeekOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        try ConnectionsFormat.validate(format, [("json", options.json, .json)])
        try checkpoints.validate(
            options,
            without: [
                ("--format \(format?.rawValue ?? "")", !(format?.isWrittenAtTheEnd ?? true)),
                ("--order end", order == .end),
            ])
        if order == .end, options.follow {
            throw ValidationError("--order end does not work with --follow.")
        }
        if let format, !format.isWrittenAtTheEnd, order == .end {
            throw ValidationError("--order end does not work with --format \(format.rawValue).")
        }
        if let format, !format.isWrittenAtTheEnd, options.follow {
            throw ValidationError("--format \(format.rawValue) does not work with --follow.")
        }
        if let format, !format.isWrittenAtTheEnd, !filter.condition.isAll {
            throw ValidationError("--format \(format.rawValue) does not work with --where.")
        }
    }

    func run() throws {
        let zeek = ZeekListing(
            options.analysis, hasTimers: zeek.zeekTimers, serverPorts: zeek.likelyServerPorts)
        try partErrors {
            try ConnectionListing(
                filter.condition, options.analysis, options.style, zeek: zeek, order: order,
                checkpoints.isUsed ? checkpoints.analysis(options) : nil
            ).list(as: .chosen(format, [("json", options.json, .json)]))
        }
    }
}
