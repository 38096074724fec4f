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
    /// How many transitions each connection has so far, by its number.
    private var ordinals: [UInt32: Int64] = [:]
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
        try database.run(
            capture, .text(tool), .count(account.first?.nanoseconds),
            .count(account.last?.nanoseconds), .count(account.frames), .count(account.segments),
            .count(account.skipped), .count(account.connections),
            .text(vantage?.rawValue ?? "unknown"), .count(account.dropped), .count(account.evicted))
        let file = try database.prepare("INSERT INTO file VALUES (?, 1, ?)")
        for (index, path) in account.files.enumerated() {
            try database.run(file, .count(index + 1), .text(path))
        }
        let aside = try database.prepare("INSERT INTO set_aside VALUES (1, ?, ?)")
        for row in account.setAside {
            try database.run(aside, .text(row.reason.rawValue), .count(row.frames))
        }
        let quality = try database.prepare("INSERT INTO quality VALUES (1, ?, ?, ?, ?)")
        for trap in report.quality.flaws {
            try database.run(
                quality, .text(trap.kind.rawValue), .count(trap.count), .count(trap.total),
                .text(trap.kind.effect))
        }
    }

    /// Writes a connection; its transitions and findings come after it.
    public mutating func write(_ record: ConnectionRecord) throws(StorageError) {
        let connection = record.connection
        let (client, server) = (connection.opener, connection.opener.peer)
        let ends = [client, server].map { (address: record.address($0), port: record.port($0)) }
        let ending = Ending(of: connection)
        let (first, last) = (
            FrameReference(rawValue: connection.firstFrame),
            FrameReference(rawValue: connection.lastFrame)
        )
        written[
            ConnectionName(stream: connection.stream, first: connection.firstSeen.nanoseconds)] =
            connection.serial
        let (c, s) = (connection.client, connection.server)
        try database.run(
            connectionRow, .count(connection.serial),
            .text(ConnectionUID.text(ends[0], ends[1], first: connection.firstSeen)),
            .text(CommunityID.tcp(ends[0], ends[1])), .count(connection.stream),
            .text(ends[0].address.description), .count(ends[0].port),
            .text(ends[1].address.description), .count(ends[1].port),
            .count(connection.isOpenerKnown ? 1 : 0), .count(connection.firstSeen.nanoseconds),
            .count(connection.lastSeen.nanoseconds), .count(max(1, first.file)),
            .count(first.number), .count(max(1, last.file)), .count(last.number),
            .text(c.state.name(.netstat)), .text(s.state.name(.netstat)), .text(ending.cause),
            .string(ending.closer), .count(connection.completeness),
            .count(c.packets), .count(c.bytes), .count(c.payload), .count(c.synCount),
            .count(c.finCount), .count(c.rstCount), .count(c.retransmissions), .text(c.grade.name),
            .count(s.packets), .count(s.bytes), .count(s.payload), .count(s.synCount),
            .count(s.finCount), .count(s.rstCount), .count(s.retransmissions), .text(s.grade.name))
    }

    /// Writes a change of state of a connection that is written, in the order of its history.
    public mutating func write(_ row: TransitionRow) throws(StorageError) {
        let transition = row.transition
        let frame = FrameReference(rawValue: transition.frame)
        let ordinal = ordinals[transition.connection, default: 0]
        ordinals[transition.connection] = ordinal + 1
        try database.run(
            transitionRow, .count(transition.connection), .count(ordinal),
            .count(row.time.nanoseconds), .count(transition.notBefore?.nanoseconds),
            .count(transition.notAfter?.nanoseconds),
            .text(row.record.connection.role(transition.side).name),
            .text(transition.from.name(.netstat)), .text(transition.to.name(.netstat)),
            .text(transition.grade.name), .count(max(1, frame.file)), .count(frame.number),
            transition.timer == .none ? .null : .text(transition.timer.name))
    }

    /// Writes the findings of the report, whose connections are written.
    public mutating func writeFindings(of report: Report) throws(StorageError) {
        let finding = try database.prepare(
            "INSERT INTO finding VALUES (?, 1\(String(repeating: ", ?", count: 11)))")
        let member = try database.prepare("INSERT INTO finding_connection VALUES (?, ?, ?, ?)")
        let remedy = try database.prepare("INSERT INTO remedy VALUES (?, ?, ?)")
        for (index, group) in report.findings.enumerated() {
            let id = Database.Value.count(index + 1)
            try database.run(
                finding, id, .text(group.key.diagnosis.name), .text(group.severity.name),
                .text(group.key.fault.rawValue), .text(group.grade.name),
                .string(group.key.service?.name), .count(group.count),
                .count(group.oldest.nanoseconds), .count(group.newest.nanoseconds),
                .text(group.title), .text(group.sentence),
                .text(report.displayFilter(of: group)))
            for (ordinal, text) in group.remedy.enumerated() {
                try database.run(remedy, id, .count(ordinal), .text(text))
            }
            for example in group.examples {
                let name = ConnectionName(
                    stream: example.stream, first: example.firstSeen.nanoseconds)
                guard let serial = written[name] else { continue }
                try database.run(
                    member, id, .count(serial), .count(example.finding.since.nanoseconds),
                    .count(FrameReference(rawValue: example.finding.frame).number))
            }
        }
    }

    /// Makes indices and views, and commits: O(n log n) in the rows.
    public consuming func finish() throws(StorageError) { try database.execute(Schema.indices) }
}
