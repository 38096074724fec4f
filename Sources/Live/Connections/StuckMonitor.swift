import Analysis
import Diagnosis
import TCPState
import Wire

/// Which connections are stuck, as of when each was looked at last.
struct StuckMonitor {
    /// A connection that is stuck.
    struct Entry {
        /// What is the matter.
        var problem: FindingExample
        /// What keeps equal addresses apart: see ``ConnectionRecord/scope``.
        let scope: UInt32
        /// The local programs that hold its sockets, where they are known.
        var process: String?
        /// Whether it is only counted: many of the same kind have been told of.
        var isCounted = false
    }

    /// What became of a connection.
    enum Change {
        /// It is stuck from now on.
        case begun(UInt32)
        /// It is stuck no longer.
        case ended(Entry)
    }

    private let limits: Thresholds
    /// The stuck connections, by serial number.
    private(set) var entries: [UInt32: Entry] = [:]
    /// Those whose programs are being asked for, and since when: nobody has been told of them yet.
    private var unnamed: [UInt32: Timestamp] = [:]

    private var flood = StuckFlood()

    /// How long a name is waited for.
    private static let nameLimit: TimeSpan = 1_000_000_000

    init(_ limits: Thresholds) { self.limits = limits }

    /// What is the matter with a connection; nil where nothing is.
    func finding(_ serial: UInt32) -> Finding? {
        entries.index(forKey: serial).map { entries.values[$0].problem.finding }
    }

    /// Looks at a connection.
    mutating func look(
        _ record: borrowing @_addressable ConnectionRecord, at now: Timestamp
    ) -> Change? {
        let serial = record.connection.serial
        // Most connections are not examined at all.
        guard !record.connection.anomalies.contains(.seenElsewhere),
            !ConnectionExaminer.isUneventful(record, at: now, limits),
            let problem = ConnectionExaminer(copy record, at: now, limits).problem
        else { return forget(serial) }
        if entries[serial] != nil {
            entries[serial]?.problem = problem
            return nil
        }
        entries[serial] = Entry(problem: problem, scope: record.scope)
        return .begun(serial)
    }

    /// A connection is no longer stuck, or has departed. What nobody was told of is forgotten in silence.
    mutating func forget(_ serial: UInt32) -> Change? {
        guard !entries.isEmpty, let entry = entries.removeValue(forKey: serial), !entry.isCounted
        else {
            return nil
        }
        return unnamed.removeValue(forKey: serial) == nil ? .ended(entry) : nil
    }

    /// Whether a connection that has just become stuck is told of by itself; else it is counted.
    mutating func admit(_ serial: UInt32, _ now: Timestamp) -> Bool {
        guard let entry = entries[serial] else { return false }
        let isAdmitted = flood.admit(entry.problem, now)
        entries[serial]?.isCounted = !isAdmitted
        return isAdmitted
    }

    /// What is to be said of those that were only counted, now and then.
    mutating func takeCounts(_ now: Timestamp) -> [String] { flood.takeCounts(now) }

    /// Whether names are waited for.
    var isWaiting: Bool { !unnamed.isEmpty }

    /// Begins to wait for the name of a connection's program.
    mutating func wait(for serial: UInt32, _ now: Timestamp) { unnamed[serial] = now }

    /// The connections to tell of now, the oldest trouble first: their programs are known, or were asked for in
    /// vain.
    mutating func takeNamed(
        _ now: Timestamp, asOf named: Timestamp, _ process: (FindingExample) -> String?
    ) -> [Entry] {
        var told: [Entry] = []
        for (serial, since) in unnamed {
            guard let entry = entries[serial] else { continue }
            let name = process(entry.problem)
            guard name != nil || named >= since || now - since >= StuckMonitor.nameLimit else {
                continue
            }
            entries[serial]?.process = name
            unnamed[serial] = nil
            if let entry = entries[serial] { told.append(entry) }
        }
        return told.sorted { $0.problem.finding.since < $1.problem.finding.since }
    }
}
