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
            """)

    @OptionGroup var options: CommonOptions

    func run() throws {
        let files = options.files.count
        if options.json {
            try list(JSONConnections(spelling: options.states, files: files))
        } else {
            try list(TextConnections(spelling: options.states, palette: .standard))
        }
    }

    private func list<F: Format<ConnectionRecord>>(_ format: F) throws {
        var lister = Lister(format)
        let run = try Run(options, &lister)
        try run.end(lister.output)
    }
}

/// Writes every connection when it departs: in the order of first segments, but for those that left
/// a full table early.
private struct Lister<F: Format<ConnectionRecord>>: DepartureObserver {
    private var format: F
    private var hasBegun = false
    private(set) var output = Output()
    /// Of a shard: what left its full table, to be written with the numbers of the run.
    private var kept: [ConnectionRecord]?

    init(_ format: F) {
        self.format = format
    }

    func part() -> Lister {
        var part = Lister(format)
        part.kept = []
        return part
    }

    mutating func join(_ part: Lister, _ numbers: Numbering.Part) {
        for record in part.kept ?? [] { depart(record.renumbered(numbers), .evicted) }
    }

    mutating func depart(_ record: ConnectionRecord, _ reason: Departure) {
        guard kept == nil else {
            kept?.append(record)
            return
        }
        if !hasBegun { format.begin(&output) }
        hasBegun = true
        if !output.isClosed { format.write(record, to: &output) }
    }
}
