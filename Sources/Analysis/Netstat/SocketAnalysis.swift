public import Capture
import Diagnosis
public import Reports
import TCPState
public import Tracking
public import Wire

extension CaptureAnalysis {
    /// Reads the captures and keeps every transition.
    public func history() throws(CaptureError) -> (input: InputResult, history: TransitionHistory) {
        var history = TransitionHistory()
        let input = try run(&history)
        return (input, history)
    }

    /// Reads the captures and keeps what is needed to show all sockets at some instants.
    ///
    /// - Parameters:
    ///   - start: gives the first instant by the time of the first frame, nil for the end; without it, the first
    ///     frame if there is a step, else the end.
    ///   - step: the time from one instant to the next, to the end of the capture; nil for one instant, and for
    ///     a histogram whose step the length of the capture decides.
    ///   - isHistogram: whether only the numbers of sockets are wanted, and no queues.
    public func sockets(
        at start: ((_ first: Timestamp) -> Timestamp?)?, every step: TimeSpan?,
        isHistogram: Bool = false
    ) throws(CaptureError) -> (input: InputResult, sockets: SocketSeries) {
        var history = TransitionHistory()
        var sampler = SendQueueSampler(
            start: start, step: step, isHistogram: isHistogram)
        let input = try runInOrder(&history, before: { sampler.pass(&$0, $1) })
        if !input.hasNothing {
            sampler.end(input.summary.last ?? Timestamp(nanoseconds: 0), history.connections)
        }
        return (input, SocketSeries(history, sampler, options))
    }
}

/// All sockets of a capture at one instant after another, by the final history.
public struct SocketSeries {
    /// The most instants of one series.
    public static var limit: Int { SendQueueSampler.limit }

    private let history: TransitionHistory
    private let sampler: SendQueueSampler
    private let options: AnalysisOptions

    init(
        _ history: TransitionHistory, _ sampler: SendQueueSampler, _ options: AnalysisOptions
    ) {
        self.history = history
        self.sampler = sampler
        self.options = options
    }

    /// The time between instants, as it came to be; nil for one instant.
    public var step: TimeSpan? { sampler.step }

    /// How many instants there are.
    public var count: Int { sampler.samples.count }

    /// A table for each instant, made when it is asked for.
    ///
    /// - Parameters:
    ///   - owners: shows only these addresses' sockets; empty for all.
    ///   - isEnd: shows the end of the history, whatever the instant.
    ///   - hasTitles: whether each table has a title.
    public func tables(
        of owners: AddressSet, isEnd: Bool, hasTitles: Bool
    ) -> some Sequence<SocketTable> {
        var timeline = SocketTimeline(history, isNear: options.isNear)
        let first = sampler.first
        return sampler.samples.lazy.map { sample in
            timeline.advance(to: isEnd ? nil : sample.time)
            let rows = SocketSeries.rows(of: timeline, sample.queues, owners: owners)
            let elapsed = Age(sample.time - (first ?? sample.time))
            let title = "\(TimeText(sample.time).iso8601)  +\(elapsed)"
            return SocketTable(time: sample.time, rows: rows, title: hasTitles ? title : nil)
        }
    }

    /// The rows of a table as the timeline stands.
    ///
    /// - Parameter owners: shows only these addresses' sockets; empty for all.
    static func rows(
        of timeline: SocketTimeline, _ queues: SendQueueSampler.Queues, owners: AddressSet
    ) -> [SocketRow] {
        timeline.sockets.filter {
            SocketRow.shows($0.state)
                && (owners.isEmpty || owners.contains($0.record.address($0.side)))
        }.map { socket in
            let end = SendQueueSampler.end(socket.record.connection.serial, socket.side)
            return SocketRow(
                side: socket.side, record: socket.record, state: socket.state,
                grade: socket.entry.transition.grade, since: socket.entry.time,
                sendQueue: queues[end] ?? 0)
        }
    }

    /// How many sockets are in each state at each instant.
    ///
    /// - Parameter owners: counts only these addresses' sockets; empty for all.
    public func samples(of owners: AddressSet) -> [StateSample] {
        var timeline = SocketTimeline(history, isNear: options.isNear)
        return sampler.samples.map { sample in
            timeline.advance(to: sample.time)
            guard !owners.isEmpty else {
                return StateSample(time: sample.time, counts: timeline.counts)
            }
            var counts = StateCounts()
            for socket in timeline.sockets
            where owners.contains(socket.record.address(socket.side)) {
                counts[socket.state] += 1
            }
            return StateSample(time: sample.time, counts: counts)
        }
    }
}
