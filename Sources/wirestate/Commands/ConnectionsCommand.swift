import ArgumentParser
import Reports
import TCPState
import Tracking
import Wire

struct ConnectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "One line per connection: roles, counters, states, how it ended.",
        usage: "wirestate connections [<options>] <files> ... [-- <filter>]",
        discussion: """
            EXAMPLES
              wirestate connections incident.pcapng | grep reset
              wirestate connections --json incident.pcapng | jq 'select(.client.retransmissions > 9)'
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
        if options.json, let format, format != .json {
            throw ValidationError("--json is --format json: give one of them.")
        }
        if let format, !format.isWrittenAtTheEnd, options.follow {
            throw ValidationError("--format \(format.rawValue) cannot follow a file.")
        }
    }

    func run() throws {
        let spelling = options.states
        switch format ?? (options.json ? .json : .text) {
        case .text: try list { _ in TextConnections(spelling: spelling, palette: .standard) }
        case .json: try list { JSONConnections(spelling: spelling, frames: $0) }
        case .zeek: try ZeekListing(zeek, options).list(isJSON: false)
        case .zeekJSON: try ZeekListing(zeek, options).list(isJSON: true)
        case .zeekOpen: try ZeekListing(zeek, options).list(isJSON: false, onlyOpen: true)
        case .eve: try listEVE()
        }
    }

    private func listEVE() throws {
        var output = Output()
        var format = EVEFlows(spelling: options.states)
        var views = ConnectionViews { _, time in
            EVEFlow(at: time)
        } end: {
            format.write($0, $1, to: &output)
        }
        try views.run(options).end(output)
    }

    private func list<F: Format<ConnectionRecord>>(
        _ format: @escaping (FrameNumbering) -> F
    ) throws {
        var lister = ConnectionLister(options.files.count == 1 ? .oneFile : nil, format)
        let run = try Run(options, &lister) { $0.begin($1.numbering) }
        try run.end(lister.output)
    }
}

/// Writes every connection when it departs: in the order of first segments, but for those that left
/// a full table early.
private struct ConnectionLister<F: Format<ConnectionRecord>>: ClosedConnectionObserver {
    private let make: (FrameNumbering) -> F
    private var format: F?
    private var hasBegun = false
    private(set) var output = Output()
    /// What left a full table before frames could be named.
    private var kept: [ConnectionRecord] = []

    /// - Parameter numbering: how frames are named, if that is known already.
    init(_ numbering: FrameNumbering?, _ make: @escaping (FrameNumbering) -> F) {
        self.make = make
        format = numbering.map(make)
    }

    func split() -> ConnectionLister { ConnectionLister(nil, make) }

    mutating func merge(_ part: ConnectionLister, _ numbers: RunNumbering.ShardNumbers) {
        for var record in part.kept {
            record.renumber(numbers)
            connectionClosed(record, .evicted)
        }
    }

    /// Frames can be named.
    mutating func begin(_ numbering: FrameNumbering) {
        guard format == nil else { return }
        format = make(numbering)
        for record in kept { connectionClosed(record, .evicted) }
        kept = []
    }

    mutating func connectionClosed(_ record: ConnectionRecord, _ reason: RemovalReason) {
        if format == nil { return kept.append(record) }
        if !hasBegun { format?.begin(&output) }
        hasBegun = true
        if !output.isClosed { format?.write(record, to: &output) }
    }
}
