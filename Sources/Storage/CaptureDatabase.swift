internal import Diagnosis
internal import Hashing
public import Reports
public import TCPState
internal import Wire

/// A run's results as an SQLite database: connections, their changes of state, findings.
///
/// Rows are written in one transaction to a file that the caller puts in its place once ``finish()`` has
/// returned. Whole numbers of nanoseconds since 1970 (`_ns`); states in Linux netstat's spelling.
public struct CaptureDatabase: ~Copyable {
    private let database: Database
    private var connections: Database.Insertion<ConnectionRecord>
    private var transitions: Database.Insertion<TransitionEntry>
    /// Which kinds of transitions there are, by number.
    private var kinds = [Bool](repeating: false, count: TransitionKind.count)
    /// The connection of the last transition, and the number that its next one gets.
    private var last: (connection: UInt32, ordinal: Int64) = (.max, 0)
    /// Connections that have a row, by stream and first time: findings name them so.
    private var written: [ConnectionName: UInt32] = [:]

    /// A row of the table `transition_row`.
    private struct TransitionEntry {
        let connection: UInt32
        let ordinal: Int64
        let time: Timestamp
        let notBefore: Timestamp?
        let notAfter: Timestamp?
        let kind: Int
        let frame: FrameReference
    }

    private struct ConnectionName: Hashable {
        let stream: UInt32
        let first: Int64
    }

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
            into: "connection", columns: 37, rowsAtOnce: 32, opened, CaptureDatabase.bind)
        let transitions = try Database.Insertion<TransitionEntry>(
            into: "transition_row", columns: 8, rowsAtOnce: 200, opened
        ) { row, values in
            values.add(row.connection)
            values.add(row.ordinal)
            values.add(row.time.nanoseconds)
            values.add(row.notBefore?.nanoseconds)
            values.add(row.notAfter?.nanoseconds)
            values.add(row.kind)
            values.add(max(1, row.frame.file))
            values.add(row.frame.number)
        }
        database = opened
        self.connections = connections
        self.transitions = transitions
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

    /// Writes a connection; its transitions and findings come after it. Fastest in the order of serial numbers.
    public mutating func write(_ record: ConnectionRecord) throws(StorageError) {
        let connection = record.connection
        written[
            ConnectionName(stream: connection.stream, first: connection.firstSeen.nanoseconds)] =
            connection.serial
        try connections.add(record, to: database)
    }

    private static func bind(_ record: ConnectionRecord, _ values: inout Database.Parameters) {
        let connection = record.connection
        let (client, server) = (connection.opener, connection.opener.peer)
        let ends = [client, server].map { (address: record.address($0), port: record.port($0)) }
        let ending = Ending(of: connection)
        values.add(connection.serial)
        values.add(1)
        values.add(ConnectionUID.text(ends[0], ends[1], first: connection.firstSeen))
        values.add(CommunityID.tcp(ends[0], ends[1]))
        values.add(connection.stream)
        for end in ends {
            values.add(end.address.description)
            values.add(end.port)
        }
        values.add(connection.isOpenerKnown ? 1 : 0)
        values.add(connection.firstSeen.nanoseconds)
        values.add(connection.lastSeen.nanoseconds)
        for frame in [connection.firstFrame, connection.lastFrame] {
            let reference = FrameReference(rawValue: frame)
            values.add(max(1, reference.file))
            values.add(reference.number)
        }
        values.add(connection.client.state.name(.netstat))
        values.add(connection.server.state.name(.netstat))
        values.add(ending.cause)
        values.add(ending.closer)
        values.add(connection.completeness)
        for role in Role.allCases {
            let end = connection[role]
            values.add(end.packets)
            values.add(end.bytes)
            values.add(end.payload)
            values.add(end.synCount)
            values.add(end.finCount)
            values.add(end.rstCount)
            values.add(end.retransmissions)
            values.add(end.grade.name)
        }
    }

    /// Writes a change of state of a connection that is written, in the order of its history. Fastest connection by
    /// connection.
    public mutating func write(_ row: TransitionRow) throws(StorageError) {
        let transition = row.transition
        if transition.connection != last.connection { last = (transition.connection, 0) }
        let kind = TransitionKind(transition, row.record.connection.role(transition.side)).number
        kinds[kind] = true
        try transitions.add(
            TransitionEntry(
                connection: transition.connection, ordinal: last.ordinal, time: row.time,
                notBefore: transition.notBefore, notAfter: transition.notAfter, kind: kind,
                frame: FrameReference(rawValue: transition.frame)), to: database)
        last.ordinal += 1
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
                let name = ConnectionName(
                    stream: example.stream, first: example.firstSeen.nanoseconds)
                guard let serial = written[name] else { continue }
                try database.run(member) {
                    $0.add(index + 1)
                    $0.add(serial)
                    $0.add(example.finding.since.nanoseconds)
                    $0.add(FrameReference(rawValue: example.finding.frame).number)
                }
            }
        }
    }

    /// Writes what waits, makes indices and views, and commits: O(n log n) in the rows.
    public consuming func finish() throws(StorageError) {
        try connections.finish(to: database)
        try transitions.finish(to: database)
        let kind = try database.prepare("INSERT INTO transition_kind VALUES (?, ?, ?, ?, ?, ?)")
        for number in kinds.indices where kinds[number] {
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
