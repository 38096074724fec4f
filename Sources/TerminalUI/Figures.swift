public import TCPState
public import Wire

/// What the head of the screen says about the run.
public struct Figures: Sendable {
    /// What is captured on.
    public var interfaces: [String] = []
    /// The interfaces that have disappeared.
    public var lost: [String] = []
    /// The time.
    public var now = Timestamp(nanoseconds: 0)
    /// The time since the start.
    public var elapsed: TimeSpan = 0
    /// Frames so far.
    public var frames: UInt64 = 0
    /// Frames in the last second.
    public var rate: UInt64 = 0
    /// Connections in the table.
    public var connections = 0
    /// Connections since the start.
    public var allConnections: UInt64 = 0
    /// Packets that the kernel lost for want of room.
    public var dropped: UInt64 = 0
    /// Packets that interfaces or their drivers lost.
    public var droppedByInterface: UInt64 = 0
    /// Connections that had to leave a full table.
    public var evicted: UInt64 = 0
    /// Connections that are stuck.
    public var stuck = 0
    /// The clients' states.
    public var clients = StateCounts()
    /// The servers' states.
    public var servers = StateCounts()
    /// The last thing that happened to the capture; empty if nothing did.
    public var notice = ""

    /// Nothing yet.
    public init() {}
}

/// How many sockets were in each state, second by second, for the last five minutes.
struct StateHistory {
    private var samples: [StateCounts] = []
    private var last: Timestamp?

    private static let length = 300

    /// Adds what was counted at a time, if the second has none yet.
    mutating func add(_ counts: StateCounts, at time: Timestamp) {
        if let last, time - last < 950_000_000 { return }
        last = time
        samples.append(counts)
        if samples.count > StateHistory.length { samples.removeFirst() }
    }

    /// The history of a state as a line of blocks, the present at its right; each stands for the
    /// greatest number in its part of the time, the tallest for the greatest of all.
    func sparkline(_ state: State, width: Int) -> String {
        guard width > 0 else { return "" }
        let span = (StateHistory.length + width - 1) / width
        var columns: [UInt64] = []
        var end = samples.count
        while end > 0, columns.count < width {
            let start = max(0, end - span)
            columns.append(samples[start..<end].map { $0[state] }.max() ?? 0)
            end = start
        }
        let top = columns.max() ?? 0
        let line = columns.reversed().map { count -> Character in
            count == 0 ? " " : StateHistory.blocks[Int((count * 8 - 1) / top)]
        }
        return String(repeating: " ", count: width - line.count) + String(line)
    }

    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
}
