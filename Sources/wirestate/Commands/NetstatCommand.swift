import Analysis
import ArgumentParser
import Diagnosis
import Reports
import TCPState
import Wire

struct NetstatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netstat",
        abstract: "The table of sockets as netstat would have printed it at any instant.",
        usage: "wirestate netstat [<options>] <files> ... [-- <filter>]",
        discussion: """
            Both ends of every connection, each in a row of its own; --as gives one host's view. \
            The states are those of the final history: what later packets disproved is left out. \
            Send-Q is what had been sent and not acknowledged, as far as the packets tell: a kernel \
            counts what it has not sent yet, too. What a program has not read yet, Recv-Q, no packet \
            tells: it is 0. Rows in CLOSE, LISTEN and UNKNOWN are left out. Of timers (-o) the end of \
            TIME_WAIT and of an orphan in FIN_WAIT2 follows from the state; of a retransmission only that \
            one runs.

            EXAMPLES
              wirestate netstat incident.pcapng
                    at the end of the capture
              wirestate netstat incident.pcapng --at 2026-11-21T01:02:55Z --as 10.1.1.2
                    one host's view at a moment
              wirestate netstat incident.pcapng --at +12.5s --ss
                    12.5 s after the first frame, in the form of ss
              wirestate netstat incident.pcapng | awk '/^tcp/ {++S[$NF]}
                    END {for (a in S) print a, S[a]}'
                    how many are in each state
              wirestate netstat incident.pcapng --every 1s --histogram
                    the states over time
            """)

    @Option(
        help: ArgumentHelp(
            """
            When: ISO 8601, seconds since 1970, a time of day in UTC, '+12.5s' after the first \
            frame, or 'end'.
            """, valueName: "time"))
    var at: TimeArgument?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Only the sockets of these addresses, separated by commas: that host's view.",
            valueName: "address,…"))
    var owner: String?

    @Option(
        help: ArgumentHelp(
            "A table each so often, such as 1s or 500ms, from --at or the first frame to the end.",
            valueName: "time"))
    var every: String?

    @Flag(
        help:
            "How many are in each state, a line each second (more where they are too many) or each --every."
    )
    var histogram = false

    @Option(help: "How to print them: \(SocketFormat.names).")
    var format: SocketFormat?

    @Flag(help: "In the form of ss: short for --format ss.")
    var ss = false

    @Flag(name: .customShort("o"), help: "Timers, as netstat -o and ss -o have them.")
    var timers = false

    @Flag(
        name: [.customShort("n"), .customShort("t"), .customShort("a"), .customShort("W")],
        help: ArgumentHelp("As netstat has them: it is always so.", visibility: .hidden))
    var asAlways: Int

    @OptionGroup var options: CommonOptions

    /// The time between instants; nil for one instant.
    private var step: TimeSpan? {
        every.map { DurationArgument.span($0) ?? 0 } ?? (histogram ? 1_000_000_000 : nil)
    }

    private var formatFlags: [(flag: String, isOn: Bool, format: SocketFormat)] {
        [("json", options.json, .json), ("ss", ss, .ss)]
    }

    private var owners: Set<Address> {
        Set((owner ?? "").split(separator: ",").compactMap { Address($0) })
    }

    /// Those as the output has them.
    private func shownOwners(_ analysis: CaptureAnalysis) -> Set<Address> {
        Set(owners.map(analysis.options.replacement))
    }

    mutating func validate() throws {
        for word in (owner ?? "").split(separator: ",") where Address(word) == nil {
            throw ValidationError("--as '\(word)' is no IPv4 or IPv6 address.")
        }
        try SocketFormat.validate(format, formatFlags)
        if owner != nil, owners.isEmpty { throw ValidationError("--as needs an address.") }
        if let every {
            guard let step = DurationArgument.span(every), step > 0, step < .max else {
                throw ValidationError("--every '\(every)' is no length of time, such as 1s.")
            }
        }
    }

    func run() throws {
        let start = at
        let analysis = options.analysis
        let (input, series) = try analysis.sockets(
            at: start.map { start in { start.time(from: $0) } }, every: step,
            hasFreeStep: every == nil, wantsQueues: !histogram)
        let output = Output()
        if !input.hasNothing {
            if series.count > SocketSeries.limit {
                throw CommandFailure(
                    lines: ["--every: more than \(SocketSeries.limit) tables: take longer steps"],
                    code: 2)
            }
            remark(input.summary)
            if let step, let longer = series.step, longer > step {
                complain([
                    "--histogram: a line each \(Age(longer)); --every sets other steps"
                ])
            }
            write(series, of: shownOwners(analysis), output)
        }
        try input.end(output)
    }

    /// Says what a reader of the table should know.
    private func remark(_ account: InputSummary) {
        if account.evicted > 0 {
            complain(["\(account.evicted) connections left the full table early: not shown since"])
        }
        guard let first = account.first, let last = account.last,
            let time = at?.time(from: first)
        else { return }
        if time < first {
            complain(["--at lies before the first frame, \(TimeText(first).iso8601)"])
        } else if time > last {
            complain(["--at lies after the last frame, \(TimeText(last).iso8601): as it was then"])
        }
    }

    private func write(_ series: SocketSeries, of owners: Set<Address>, _ output: Output) {
        let format = SocketFormat.chosen(format, formatFlags)
        let spelling = format == .ss && options.states == .netstat ? .ss : options.states
        if histogram {
            let samples = series.samples(of: owners)
            if format == .json {
                write(JSONStateSeries(options.style()), [samples], output)
            } else {
                write(StateSeries(spelling: spelling), [samples], output)
            }
            return
        }
        let isEnd = (at ?? .end) == .end && step == nil
        let tables = series.tables(of: owners, isEnd: isEnd, hasTitles: step != nil)
        let profile = timers ? options.profile : nil
        switch format {
        case .json: write(JSONSockets(options.style(), timers: profile), tables, output)
        case .ss: write(SSTable(spelling: spelling, timers: profile), tables, output)
        case .text: write(NetstatTable(spelling: spelling, timers: profile), tables, output)
        }
    }

    private func write<F: Format, S: Sequence>(_ format: F, _ contents: S, _ output: Output)
    where S.Element == F.Content {
        var format = format
        var output = output
        for content in contents where !output.isClosed { format.write(content, to: &output) }
    }
}
