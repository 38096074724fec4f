public import Capture
public import Diagnosis
public import Reports
import Synchronization
public import TCPState
import Tracking
public import Wire

/// A capture at any instant: sockets, states and findings. The captures are read when it is made, and again for an instant
/// that is not on its grid.
public final class CaptureTimeline: Sendable {
    /// The captures.
    public let analysis: CaptureAnalysis
    /// The report of all of them.
    public let report: Report
    /// The instants of the grid, equally far from each other; the last one is the last frame's.
    public let instants: [Timestamp]
    private let limits: Thresholds
    private let moments: [CaptureMoment]
    /// The sockets at some of the grid's instants, to go on from.
    private let checkpoints: [(time: Timestamp, timeline: SocketTimeline)]
    private let states: [(clients: StateCounts, servers: StateCounts)]
    /// Instants beside the grid that were asked for last.
    private let recent = Mutex<[CaptureMoment]>([])

    /// Steps of the grid at the most.
    public static let steps = 240
    /// Connections that are looked at for the grid in all: long captures have fewer steps.
    private static let work: UInt64 = 5_000_000
    private static let recentLimit = 16

    /// Reads the captures.
    ///
    /// - Parameters:
    ///   - report: of the same captures.
    ///   - limits: from which values on findings count.
    public init(
        _ analysis: CaptureAnalysis, report: Report, _ limits: Thresholds
    ) throws(CaptureError) {
        self.analysis = analysis
        self.report = report
        self.limits = limits
        instants = CaptureTimeline.grid(report.input)
        moments = try analysis.moments(at: instants, of: report, limits)
        let history = try analysis.history().history
        var timeline = SocketTimeline(history, isNear: analysis.options.isNear)
        var checkpoints = [(Timestamp(nanoseconds: .min), timeline)]
        var states: [(clients: StateCounts, servers: StateCounts)] = []
        for (index, time) in instants.enumerated() {
            timeline.advance(to: time)
            states.append(CaptureTimeline.states(of: timeline))
            if index % 8 == 0 { checkpoints.append((time, timeline)) }
        }
        self.checkpoints = checkpoints
        self.states = states
    }

    private static func grid(_ input: InputSummary) -> [Timestamp] {
        guard let first = input.first, let last = input.last else { return [] }
        let affordable = Int(clamping: work / max(1, input.connections))
        let count = min(steps, max(12, affordable))
        let step = max(1, (last - first) / count)
        var instants: [Timestamp] = []
        var time = first
        while time < last, instants.count < count {
            instants.append(time)
            time = time + step
        }
        return instants + [last]
    }

    private static func states(
        of timeline: SocketTimeline
    ) -> (clients: StateCounts, servers: StateCounts) {
        var (clients, servers) = (StateCounts(), StateCounts())
        for socket in timeline.sockets {
            if socket.record.connection.role(socket.side) == .client {
                clients[socket.state] += 1
            } else {
                servers[socket.state] += 1
            }
        }
        return (clients, servers)
    }

    /// The states over time, on the grid.
    ///
    /// - Parameter role: whose; nil for both.
    public func samples(of role: Role?) -> [StateSample] {
        zip(instants, states).map { time, states in
            let counts =
                switch role {
                case .client: states.clients
                case .server: states.servers
                case nil: states.clients + states.servers
                }
            return StateSample(time: time, counts: counts)
        }
    }

    /// The most ends in one role and one state at any instant of the grid.
    public var highest: UInt64 {
        states.lazy.flatMap { states in
            State.allCases.lazy.filter { SocketRow.shows($0) }.map {
                max(states.clients[$0], states.servers[$0])
            }
        }.max() ?? 0
    }

    /// The sockets at an instant, by the final history: as `netstat` has them.
    public func sockets(at time: Timestamp) throws(CaptureError) -> SocketTable {
        var timeline = checkpoints[0].timeline
        if let near = checkpoints.last(where: { $0.time <= time }) { timeline = near.timeline }
        timeline.advance(to: time)
        let queues = try moment(at: time).queues
        return SocketTable(time: time, rows: SocketSeries.rows(of: timeline, queues, owners: []))
    }

    /// What an instant shows beside the states.
    public func moment(at time: Timestamp) throws(CaptureError) -> CaptureMoment {
        if let moment = moments.first(where: { $0.time == time }) { return moment }
        if let moment = recent.withLock({ $0.first { $0.time == time } }) { return moment }
        let found = try analysis.moments(at: [time], of: report, limits)
        guard let moment = found.first else {
            return CaptureMoment(
                time: time, findings: [], findingCount: 0, problems: [:], queues: [:])
        }
        recent.withLock {
            $0.insert(moment, at: 0)
            if $0.count > CaptureTimeline.recentLimit { $0.removeLast() }
        }
        return moment
    }
}
