import Analysis
import ArgumentParser
import Reports
import TCPState

struct ConnectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "One line per connection: roles, counters, states, how it ended.",
        usage: "wirestate connections [<options>] <files> ... [-- <filter>]",
        discussion: """
            EXAMPLES
              wirestate connections incident.pcapng | grep reset
              wirestate connections --json incident.pcapng | jq 'select(.client_traffic.retransmissions > 9)'
              wirestate connections --format zeek incident.pcapng | zeek-cut id.resp_h conn_state
                    as Zeek's conn.log has them
              wirestate connections --format eve incident.pcapng
                    as Suricata's flow records
            """)

    @Option(help: "How to print them: \(ConnectionsFormat.names).")
    var format: ConnectionsFormat?

    @OptionGroup var zeek: ZeekOptions
    @OptionGroup var options: CommonOptions

    func validate() throws {
        try ConnectionsFormat.validate(format, [("json", options.json, .json)])
        if let format, !format.isWrittenAtTheEnd, options.follow {
            throw ValidationError("--format \(format.rawValue) cannot follow a file.")
        }
    }

    func run() throws {
        let spelling = options.states
        switch ConnectionsFormat.chosen(format, [("json", options.json, .json)]) {
        case .text: try list { _ in TextConnections(spelling: spelling, palette: .standard) }
        case .json: try list { JSONConnections(options.style($0)) }
        case .csv: try list { CSVConnections(spelling: spelling, frames: $0) }
        case .zeek: try ZeekListing(zeek, options).list(isJSON: false)
        case .zeekJSON: try ZeekListing(zeek, options).list(isJSON: true)
        case .zeekOpen: try ZeekListing(zeek, options).list(isJSON: false, onlyOpen: true)
        case .eve: try listEVE()
        }
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
        let input = try options.analysis.connections { record, numbering in
            if format == nil {
                format = makeFormat(numbering)
                format?.begin(&output)
            }
            if !output.isClosed { format?.write(record, to: &output) }
        }
        try input.end(output)
    }
}
