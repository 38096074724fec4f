internal import Diagnosis
public import TCPState

/// How many sockets are in each state, as `netstat -nt | awk '/^tcp/ {++S[$NF]} END {for (a in S) print
/// a, S[a]}'` prints it: a line for each state that occurs, below a comment with the time.
public struct StateCountsTable: Format {
    private let spelling: StateSpelling

    /// Makes one.
    public init(spelling: StateSpelling = .netstat) { self.spelling = spelling }

    /// Writes the lines.
    public mutating func write(_ sample: StateSample, to sink: inout some Sink & ~Copyable) {
        sink.write("# \(TimeText(sample.time).iso8601)\n")
        for (state, count) in sample.counts.present where SocketRow.shows(state) {
            sink.write("\(state.name(spelling)) \(count)\n")
        }
    }
}
