internal import Diagnosis
public import Reports
internal import TCPState
internal import Wire

/// A run's results as an SQLite database: connections, their changes of state, findings.
///
/// Rows are written in one transaction to a file that the caller puts in its place once ``finish()`` has
/// returned. Whole numbers of nanoseconds since 1970 (`_ns`); states in Linux netstat's spelling.
public struct CaptureDatabase: ~Copyable {
    private let database: Database
    private let connections: Database.Insertion
    private let transitions: Database.Insertion
    /// The kinds of transitions there are.
    private var kinds = TransitionKind.Numbers()
    /// The connections that findings name, by stream and first time; with their numbers once they are written.
    private var examples: [ConnectionName: UInt32?] = [:]
    /// Whether findings name a connection of a stream: what is asked of each.
    private var isExample: [Bool] = []

    /// Makes the tables and writes what the report says of the capture as a whole.
    ///
    /// - Parameters:
    ///   - path: an empty file, which nobody else writes.
    ///   - tool: the program's name and version.
    public init(path: String, tool: String, report: Report) throws(StorageError) {
        let opened = try Database(path: path)
        try opened.execute(Schema.tables)
        try CaptureDatabase.writeCapture(report, tool, to: opened)
        let connections = try Database.Insertion(
            into: "connection", columns: ConnectionRows.columns, opened)
        let transitions = try Database.Insertion(
            into: "transition_row(ts_ns, since_not_before_ns, until_not_after_ns, kind, frame)",
            columns: ConnectionRows.transitionColumns, opened)
        database = opened
        self.connections = connections
        self.transitions = transitions
        for example in report.findings.lazy.flatMap(\.examples) {
            examples.updateValue(nil, forKey: ConnectionName(example))
            let missing = Int(example.stream) + 1 - isExample.count
            if missing > 0 { isExample.append(contentsOf: repeatElement(false, count: missing)) }
            isExample[Int(example.stream)] = true
        }
    }

    private static func writeCapture(
        _ report: Report, _ tool: String, to database: borrowing Database
    ) throws(StorageError) {
        let input = report.input
        let capture = try database.prepare(
            "INSERT INTO capture VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let vantage = report.vantage ?? report.summary.vantage.verdict
        try database.run(capture) {
            $0.add(tool)
            $0.add(input.first?.nanoseconds)
            $0.add(input.last?.nanoseconds)
            $0.add(input.frames)
            $0.add(input.segments)
            $0.add(input.skipped)
            $0.add(input.connections)
            $0.add(vantage?.rawValue ?? "unknown")
            $0.add(input.dropped)
            $0.add(input.evicted)
        }
        let file = try database.prepare("INSERT INTO file VALUES (?, 1, ?)")
        for (index, path) in input.files.enumerated() {
            try database.run(file) {
                $0.add(index + 1)
                $0.add(path)
            }
        }
        let aside = try database.prepare("INSERT INTO set_aside VALUES (1, ?, ?)")
        for row in input.setAside {
            try database.run(aside) {
                $0.add(row.reason.rawValue)
                $0.add(row.frames)
            }
        }
        let quality = try database.prepare("INSERT INTO quality VALUES (1, ?, ?, ?, ?)")
        for flaw in report.quality.flaws {
            try database.run(quality) {
                $0.add(flaw.kind.rawValue)
                $0.add(flaw.count)
                $0.add(flaw.total)
                $0.add(flaw.kind.effect)
            }
        }
    }

    /// Writes connections and their changes of state, in the order of the connections' numbers.
    public mutating func write(_ rows: ConnectionRows) throws(StorageError) {
        try connections.insert(rows.connections, into: database)
        try transitions.insert(rows.transitions, into: database)
        kinds.formUnion(rows.kinds)
        for (name, serial) in rows.names
        where name.stream < isExample.count && isExample[Int(name.stream)] {
            if examples[name] != nil { examples[name] = serial }
        }
    }

    /// Writes what was found, with the connections that are kept as examples; their rows are there by now.
    public func writeFindings(of report: Report) throws(StorageError) {
        let finding = try database.prepare(
            "INSERT INTO finding VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let member = try database.prepare("INSERT INTO finding_connection VALUES (?, ?, ?, ?)")
        let remedy = try database.prepare("INSERT INTO remedy VALUES (?, ?, ?)")
        for (index, group) in report.findings.enumerated() {
            try database.run(finding) {
                $0.add(index + 1)
                $0.add(group.key.diagnosis.name)
                $0.add(group.severity.name)
                $0.add(group.key.fault.rawValue)
                $0.add(group.grade.name)
                $0.add(group.key.service?.name)
                $0.add(group.count)
                $0.add(group.oldest.nanoseconds)
                $0.add(group.newest.nanoseconds)
                $0.add(group.title)
                $0.add(group.sentence)
                $0.add(report.displayFilter(of: group))
            }
            for (ordinal, text) in group.remedy.enumerated() {
                try database.run(remedy) {
                    $0.add(index + 1)
                    $0.add(ordinal)
                    $0.add(text)
                }
            }
            for example in group.examples {
                guard let serial = examples[ConnectionName(example)] ?? nil else { continue }
                try database.run(member) {
                    $0.add(index + 1)
                    $0.add(serial)
                    $0.add(example.finding.since.nanoseconds)
                    $0.add(FrameReference(rawValue: example.finding.frame).number)
                }
            }
        }
    }

    /// Makes indices and views, and commits: O(n log n) in the rows.
    public consuming func finish() throws(StorageError) {
        let kind = try database.prepare("INSERT INTO transition_kind VALUES (?, ?, ?, ?, ?, ?)")
        for number in kinds.all {
            guard let row = TransitionKind(number: number) else { continue }
            try database.run(kind) {
                $0.add(number)
                $0.add(row.role.name)
                $0.add(row.from.name(.netstat))
                $0.add(row.to.name(.netstat))
                $0.add(row.grade.name)
                $0.add(row.timer == .none ? nil : row.timer.name)
            }
        }
        try database.execute(Schema.indices)
    }
}

/// A connection as findings name it.
struct ConnectionName: Hashable, Sendable {
    let stream: UInt32
    let first: Timestamp

    init(_ connection: Connection) {
        stream = connection.stream
        first = connection.firstSeen
    }

    init(_ example: FindingExample) {
        stream = example.stream
        first = example.firstSeen
    }
}
