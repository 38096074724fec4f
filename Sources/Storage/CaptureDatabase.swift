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
    /// The connections that are written, of which findings name some: 24 bytes each.
    private var names: [[NumberedConnection]] = []

    /// Makes the tables.
    ///
    /// - Parameter path: an empty file, which nobody else writes.
    public init(path: String) throws(StorageError) {
        let opened = try Database(path: path)
        try opened.execute(Schema.tables)
        let connections = try Database.Insertion(
            into: "connection", columns: ConnectionRows.columns, opened)
        let transitions = try Database.Insertion(
            into: "transition_row",
            names: "(ts_ns, since_not_before_ns, until_not_after_ns, kind, frame)",
            columns: ConnectionRows.transitionColumns, opened)
        database = opened
        self.connections = connections
        self.transitions = transitions
    }

    /// Writes what the report says of the capture as a whole.
    ///
    /// - Parameter tool: the program's name and version.
    public func writeCapture(_ report: Report, tool: String) throws(StorageError) {
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
        names.append(rows.names)
    }

    /// Makes the index of the connections, which all are there: O(n log n).
    public func indexConnections() throws(StorageError) {
        try database.execute(Schema.connectionIndex)
    }

    /// Writes what was found, with the connections that are kept as examples, whose rows are there by now: O(n).
    public func write(_ rows: FindingRows) throws(StorageError) {
        let findings = try Database.Insertion(
            into: "finding", columns: FindingRows.columns, database)
        let remedies = try Database.Insertion(
            into: "remedy", columns: FindingRows.remedyColumns, database)
        let members = try Database.Insertion(into: "finding_connection", columns: 4, database)
        try findings.insert(rows.findings, into: database)
        try remedies.insert(rows.remedies, into: database)
        var numbers = rows.numbers
        for connection in names.joined() { numbers.note(connection) }
        var named = Rows(values: rows.examples.count * 4)
        for example in rows.examples {
            guard let serial = numbers[example.name] else { continue }
            named.add(example.finding)
            named.add(serial)
            named.add(example.since.nanoseconds)
            named.add(FrameReference(rawValue: example.frame).number)
        }
        try members.insert(named, into: database)
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
