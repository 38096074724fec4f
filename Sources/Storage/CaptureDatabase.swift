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
    private let connectionRow: Database.Statement
    private let transitionRow: Database.Statement
    /// The connection of the last transition, and the number that its next one gets.
    private var last: (connection: UInt32, ordinal: Int64) = (.max, 0)
    /// Connections that have a row, by stream and first time: findings name them so.
    private var written: [ConnectionName: UInt32] = [:]

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
        let connections = try opened.prepare(
            "INSERT INTO connection VALUES (?, 1\(String(repeating: ", ?", count: 35)))")
        let transitions = try opened.prepare(
            "INSERT INTO transition VALUES (\(String(repeating: "?, ", count: 11))?)")
        database = opened
        connectionRow = connections
        transitionRow = transitions
    }

    private static func writeCapture(
        _ report: Report, _ tool: String, to database: borrowing Database
    ) throws(StorageError) {
        let account = report.account
        let capture = try database.prepare(
            "INSERT INTO capture VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let vantage = report.vantage ?? report.overview.vantage.verdict
        try database.run(capture) {
            $0.add(tool)
            $0.add(account.first?.nanoseconds)
            $0.add(account.last?.nanoseconds)
            $0.add(account.frames)
            $0.add(account.segments)
            $0.add(account.skipped)
            $0.add(account.connections)
            $0.add(vantage?.rawValue ?? "unknown")
            $0.add(account.dropped)
            $0.add(account.evicted)
        }
        let file = try database.prepare("INSERT INTO file VALUES (?, 1, ?)")
        for (index, path) in account.files.enumerated() {
            try database.run(file) {
                $0.add(index + 1)
                $0.add(path)
            }
        }
        let aside = try database.prepare("INSERT INTO set_aside VALUES (1, ?, ?)")
        for row in account.setAside {
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
        let (client, server) = (connection.opener, connection.opener.peer)
        let ends = [client, server].map { (address: record.address($0), port: record.port($0)) }
        let ending = Ending(of: connection)
        written[
            ConnectionName(stream: connection.stream, first: connection.firstSeen.nanoseconds)] =
            connection.serial
        try database.run(connectionRow) {
            $0.add(connection.serial)
            $0.add(ConnectionUID.text(ends[0], ends[1], first: connection.firstSeen))
            $0.add(CommunityID.tcp(ends[0], ends[1]))
            $0.add(connection.stream)
            for end in ends {
                $0.add(end.address.description)
                $0.add(end.port)
            }
            $0.add(connection.isOpenerKnown ? 1 : 0)
            $0.add(connection.firstSeen.nanoseconds)
            $0.add(connection.lastSeen.nanoseconds)
            for frame in [connection.firstFrame, connection.lastFrame] {
                let reference = FrameReference(rawValue: frame)
                $0.add(max(1, reference.file))
                $0.add(reference.number)
            }
            $0.add(connection.client.state.name(.netstat))
            $0.add(connection.server.state.name(.netstat))
            $0.add(ending.cause)
            $0.add(ending.closer)
            $0.add(connection.completeness)
            for role in Role.allCases {
                let end = connection[role]
                $0.add(end.packets)
                $0.add(end.bytes)
                $0.add(end.payload)
                $0.add(end.synCount)
                $0.add(end.finCount)
                $0.add(end.rstCount)
                $0.add(end.retransmissions)
                $0.add(end.grade.name)
            }
        }
    }

    /// Writes a change of state of a connection that is written, in the order of its history. Fastest connection by
    /// connection.
    public mutating func write(_ row: TransitionRow) throws(StorageError) {
        let transition = row.transition
        let frame = FrameReference(rawValue: transition.frame)
        if transition.connection != last.connection { last = (transition.connection, 0) }
        try database.run(transitionRow) {
            $0.add(transition.connection)
            $0.add(last.ordinal)
            $0.add(row.time.nanoseconds)
            $0.add(transition.notBefore?.nanoseconds)
            $0.add(transition.notAfter?.nanoseconds)
            $0.add(row.record.connection.role(transition.side).name)
            $0.add(transition.from.name(.netstat))
            $0.add(transition.to.name(.netstat))
            $0.add(transition.grade.name)
            $0.add(max(1, frame.file))
            $0.add(frame.number)
            $0.add(transition.timer == .none ? nil : transition.timer.name)
        }
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

    /// Makes indices and views, and commits: O(n log n) in the rows.
    public consuming func finish() throws(StorageError) { try database.execute(Schema.indices) }
}
