import Analysis
import ArgumentParser
import Documents
import Reports
import TCPState

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
              wirestate connections --where 'state:close-wait age>60s' incident.pcapng
                    only connections that match; see 'wirestate help filters'
            """)

    @Option(help: "Output format.")
    var format: ConnectionsFormat?

    @OptionGroup var filter: FilterOptions
    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var zeek: ZeekOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        try ConnectionsFormat.validate(format, [("json", options.json, .json)])
        try checkpoints.validate(
            options,
            without: [
                ("--format \(format?.rawValue ?? "")", !(format?.isWrittenAtTheEnd ?? true))
            ])
        if let format, !format.isWrittenAtTheEnd, options.follow {
            throw ValidationError("--format \(format.rawValue) does not work with --follow.")
        }
        if let format, !format.isWrittenAtTheEnd, !filter.condition.isAll {
            throw ValidationError("--format \(format.rawValue) does not work with --where.")
        }
    }

    func run() throws {
        let spelling = options.states
        let layout = options.layout
        switch ConnectionsFormat.chosen(format, [("json", options.json, .json)]) {
        case .text:
            try list { _ in ASCIIText(TextConnections(spelling: spelling, layout: layout), layout) }
        case .json: try list { JSONConnections(options.style.json($0)) }
        case .csv: try list { CSVConnections(spelling: spelling, frames: $0) }
        case .zeek: try zeekListing.list(isJSON: false)
        case .zeekJSON: try zeekListing.list(isJSON: true)
        case .zeekOpen: try zeekListing.list(isJSON: false, onlyOpen: true)
        case .eve: try listEVE()
        }
    }

    private var zeekListing: ZeekListing {
        ZeekListing(
            options.analysis, hasTimers: zeek.zeekTimers, serverPorts: zeek.likelyServerPorts)
    }

    private func listEVE() throws {
        var output = Output()
        var format = EVEFlows(spelling: options.states)
        let input = try options.analysis.flows { format.write($0, $1, to: &output) }
        try input.end(output)
    }

    private func list<F: Format<ConnectionRecord>>(
        _ makeFormat: @escaping (FrameNumbering) -> F
    ) throws {
        var format: F?
        var output = Output()
        func write(_ record: ConnectionRecord, _ numbering: FrameNumbering) {
            if format == nil {
                format = makeFormat(numbering)
                format?.begin(&output)
            }
            if !output.isClosed { format?.write(record, to: &output) }
        }
        let input =
            checkpoints.isUsed
            ? try partErrors {
                try checkpoints.analysis(options).connections(where: filter.condition, write)
            } : try options.analysis.connections(where: filter.condition, write)
        try input.end(output)
    }
}
