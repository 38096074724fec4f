public import TCPState
public import Wire

/// How many sockets are in each state at one instant.
public struct StateSample: Sendable {
    /// The instant.
    public let time: Timestamp
    /// The numbers.
    public let counts: StateCounts

    /// Joins the parts.
    public init(time: Timestamp, counts: StateCounts) {
        self.time = time
        self.counts = counts
    }
}

/// The states over time for people and awk: one line per instant, a column per state, 80 columns at
/// most. What is no socket has no column, and neither has a state that never occurs.
public struct StateSeries: Format {
    private let spelling: StateSpelling

    /// Makes one.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// Writes the table.
    public mutating func write(_ samples: [StateSample], to sink: inout some Sink & ~Copyable) {
        var seen = StateCounts()
        for sample in samples {
            for state in State.allCases { seen[state] = max(seen[state], sample.counts[state]) }
        }
        let states = seen.present.map(\.state).filter { SocketRow.shows($0) }
        let heads = states.map { heading($0) }
        let widths = zip(states, heads).map { state, head in
            max(5, head.above.count, head.below.count, String(seen[state]).count)
        }
        let line = { (words: [String]) in
            zip(words, widths).map { " " + $0.right($1) }.joined() + "\n"
        }
        var above = "#".left(12) + line(heads.map(\.above)).dropLast()
        while above.hasSuffix(" ") { above.removeLast() }
        if above != "#" { sink.write(above + "\n") }
        sink.write("# TIME (UTC)" + line(heads.map(\.below)))
        var date = ""
        for sample in samples {
            let time = TimeText(sample.time)
            if time.date != date {
                date = time.date
                sink.write("# \(date)\n")
            }
            sink.write(time.clock(3) + line(states.map { String(sample.counts[$0]) }))
        }
    }

    /// A state's name over two lines.
    private func heading(_ state: State) -> (above: String, below: String) {
        let name = state.name(spelling)
        guard let cut = name.firstIndex(where: { $0 == "_" || $0 == "-" }) else {
            return state == .established ? ("", String(name.prefix(5))) : ("", name)
        }
        return (String(name[..<cut]), String(name[name.index(after: cut)...]))
    }
}

/// The states over time as JSON lines.
public struct JSONStateSeries: Format {
    private let style: JSONStyle

    /// - Parameter style: how it is written.
    public init(_ style: JSONStyle) { self.style = style }

    /// Writes a line for each instant.
    public mutating func write(_ samples: [StateSample], to sink: inout some Sink & ~Copyable) {
        for sample in samples {
            let row = JSONRecords.StatesRow(time: sample.time, states: sample.counts.ofSockets)
            sink.write(JSONRecords.stateCounts.line(row, style))
        }
    }
}

extension StateCounts {
    /// Without the states that no socket table shows.
    var ofSockets: StateCounts {
        var counts = StateCounts()
        for state in State.allCases where SocketRow.shows(state) { counts[state] = self[state] }
        return counts
    }
}
