public import Diagnosis
public import TCPState
public import Tracking
public import Wire

/// A live run as it stands at a moment: what metrics and the page show. A value that its readers share with nobody.
public struct LiveSnapshot: Sendable {
    /// The moment, on the packets' clock.
    public var time = Timestamp(nanoseconds: 0)
    /// The same on this host's clock.
    public var published = Timestamp(nanoseconds: 0)
    /// When the run began, on this host's clock.
    public var beginning = Timestamp(nanoseconds: 0)
    /// What is captured on.
    public var interfaces: [String] = []
    /// Those of them that are lost at the moment.
    public var lostInterfaces: [String] = []
    /// Packets, and what became of them.
    public var frames = FrameCounts()
    /// Packets that the kernel dropped before they were read.
    public var droppedByKernel: UInt64 = 0
    /// Packets that the interface dropped.
    public var droppedByInterface: UInt64 = 0
    /// The states of all ends.
    public var counts = RoleCounts(local: [])
    /// How the connections ended that are over and forgotten.
    public var endings: [Ending: UInt64] = [:]
    /// The changes of state so far.
    public var transitions = TransitionMeter()
    /// What is stuck.
    public var stuck = StuckCounts()
    /// The services with stuck connections.
    public var services = ServiceStates(limit: 0)
    /// Findings that began, by what they are.
    public var findings: [StuckCounts.Key: UInt64] = [:]
    /// The findings now, the worst first.
    public var findingGroups: [FindingGroup] = []
    /// How many there are, those left out included.
    public var findingCount = 0
    /// How many connections each finding had a minute ago.
    public var findingsBefore: [FindingGroup.Key: UInt64] = [:]
    /// The states over time.
    public var history = StateHistory()
    /// The connections that are shown: stuck ones, the oldest trouble first, then the newest ones.
    public var connections: [ConnectionSample] = []

    /// Nothing yet.
    public init() {}

    /// Why the run cannot be relied on now; nil if nothing is known against it.
    ///
    /// - Parameters:
    ///   - now: this host's clock.
    ///   - limit: how long it is until no new snapshot means that the capture stalls.
    public func staleness(at now: Timestamp, limit: TimeSpan = .seconds(10)) -> String? {
        let age = now - published
        if age > limit { return "no update from the capture for \(age.seconds) s" }
        if !interfaces.isEmpty, Set(lostInterfaces).isSuperset(of: interfaces) {
            return "no interface is open"
        }
        return nil
    }
}

/// A connection of a live run, as it is shown.
public struct ConnectionSample: Sendable {
    /// The connection.
    public let record: ConnectionRecord
    /// What is the matter; nil if it is not stuck.
    public let problem: FindingExample?
    /// The local programs that hold its sockets, where they are known.
    public let process: String?

    /// Joins the parts.
    public init(record: ConnectionRecord, problem: FindingExample?, process: String?) {
        self.record = record
        self.problem = problem
        self.process = process
    }
}
