import ArgumentParser
import Diagnosis
import Reports
import TCPState
import Tracking
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

    @Flag(help: "In the form of ss.")
    var ss = false

    @Flag(name: .customShort("o"), help: "Timers, as netstat -o and ss -o have them.")
    var timers = false

    @Flag(
        name: [.customShort("n"), .customShort("t"), .customShort("a"), .customShort("W")],
        help: ArgumentHelp("As netstat has them: it is always so.", visibility: .hidden))
    var asAlways: Int

    @OptionGroup var options: CommonOptions

    /// Nanoseconds between instants; nil for one instant.
    private var step: Int64? {
        every.map { DurationArgument.nanoseconds($0) ?? 0 } ?? (histogram ? 1_000_000_000 : nil)
    }

    private var owners: Set<Address> {
        Set((owner ?? "").split(separator: ",").compactMap { Address($0) })
    }

    mutating func validate() throws {
        for word in (owner ?? "").split(separator: ",") where Address(word) == nil {
            throw ValidationError("--as '\(word)' is no IPv4 or IPv6 address.")
        }
        if owner != nil, owners.isEmpty { throw ValidationError("--as needs an address.") }
        if let every {
            guard let step = DurationArgument.nanoseconds(every), step > 0, step < .max else {
                throw ValidationError("--every '\(every)' is no length of time, such as 1s.")
            }
        }
    }

    func run() throws {
        var history = TransitionHistory()
        var sampler = SendQueueSampler(
            start: at, step: step, hasFreeStep: every == nil, wantsQueues: !histogram)
        let run = try Run(alone: options, &history, before: { sampler.pass(&$0, $1) })
        let output = Output()
        if !run.hasNothing {
            sampler.end(run.account.last ?? Timestamp(nanoseconds: 0), history.connections)
            if sampler.samples.count > SendQueueSampler.limit {
                throw CommandFailure(
                    lines: [
                        "--every: more than \(SendQueueSampler.limit) tables: take longer steps"
                    ],
                    code: 2)
            }
            remark(run.account)
            if let step, let longer = sampler.step, longer > step {
                complain([
                    "--histogram: a line each \(Age(nanoseconds: longer)); --every sets other steps"
                ])
            }
            write(history, sampler, output)
        }
        try run.end(output)
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

    private func write(_ history: TransitionHistory, _ sampler: SendQueueSampler, _ output: Output)
    {
        let spelling = ss && options.states == .netstat ? .ss : options.states
        if histogram {
            let samples = self.samples(history, sampler)
            if options.json {
                write(JSONStateSeries(spelling: spelling), [samples], output)
            } else {
                write(StateSeries(spelling: spelling), [samples], output)
            }
            return
        }
        let tables = self.tables(history, sampler)
        let profile = timers ? options.profile : nil
        if options.json {
            write(JSONSockets(spelling: spelling), tables, output)
        } else if ss {
            write(SSTable(spelling: spelling, timers: profile), tables, output)
        } else {
            write(NetstatTable(spelling: spelling, timers: profile), tables, output)
        }
    }

    private func write<F: Format, S: Sequence>(_ format: F, _ contents: S, _ output: Output)
    where S.Element == F.Content {
        var format = format
        var output = output
        for content in contents where !output.isClosed { format.write(content, to: &output) }
    }

    private func tables(
        _ history: TransitionHistory, _ sampler: SendQueueSampler
    ) -> some Sequence<SocketTable> {
        var playback = SocketTimeline(history, isNear: options.isNear)
        let owners = self.owners
        let isEnd = (at ?? .end) == .end && step == nil
        let first = sampler.first
        let isSeries = step != nil
        return sampler.samples.lazy.map { sample in
            playback.advance(to: isEnd ? nil : sample.time)
            let rows = playback.sockets.filter {
                SocketRow.shows($0.state)
                    && (owners.isEmpty || owners.contains($0.record.address($0.side)))
            }.map { socket in
                let end = SendQueueSampler.end(socket.record.connection.serial, socket.side)
                return SocketRow(
                    side: socket.side, record: socket.record, state: socket.state,
                    grade: socket.entry.transition.grade, since: socket.entry.time,
                    sendQueue: sample.queues[end] ?? 0)
            }
            let elapsed = Age(nanoseconds: sample.time - (first ?? sample.time))
            let title = "\(TimeText(sample.time).iso8601)  +\(elapsed)"
            return SocketTable(time: sample.time, rows: rows, title: isSeries ? title : nil)
        }
    }

    private func samples(
        _ history: TransitionHistory, _ sampler: SendQueueSampler
    ) -> [StateSample] {
        var playback = SocketTimeline(history, isNear: options.isNear)
        let owners = self.owners
        return sampler.samples.map { sample in
            playback.advance(to: sample.time)
            guard !owners.isEmpty else {
                return StateSample(time: sample.time, counts: playback.counts)
            }
            var counts = StateCounts()
            for socket in playback.sockets where owners.contains(socket.record.address(socket.side))
            {
                counts[socket.state] += 1
            }
            return StateSample(time: sample.time, counts: counts)
        }
    }
}
