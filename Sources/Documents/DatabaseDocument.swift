public import Analysis
public import POSIX
public import Reports
internal import Storage
internal import TCPState
public import Tracking

/// An SQLite database of a run, which takes the place of an old one when it is complete.
///
/// Its connections are written in the background, while the report is made.
public final class DatabaseDocument {
    private let path: String
    private let connections: Background<Result<DatabaseWriter, RunFailure>>

    /// Begins to write the connections.
    ///
    /// - Parameters:
    ///   - histories: of the run that makes the report.
    ///   - threads: how many make rows.
    ///   - inputs: files that must not be written to.
    public init(
        _ path: String, of histories: HistoriesByConnection, threads: Int, inputs: [FileIdentity]
    ) {
        self.path = path
        connections = Background {
            Result { () throws(RunFailure) in
                let writer = try DatabaseWriter(path, inputs: inputs)
                try naming(path) { () throws(StorageError) in
                    try writer.write(histories, threads: threads)
                }
                return writer
            }
        }
    }

    /// No file is left behind: it is waited for what is not finished.
    deinit { _ = connections.value }

    /// Writes what was found, and gives the file its name.
    public func finish(with report: Report) throws(RunFailure) {
        let writer = try connections.value.get()
        // Connections are sorted meanwhile, by one thread.
        let index = Background {
            Result { () throws(StorageError) in try writer.indexConnections() }
        }
        let findings = FindingRows(report)
        try naming(path) { () throws(StorageError) in
            try index.value.get()
            try writer.finish(with: report, findings)
        }
        try writer.file.commit()
    }
}

/// Names the database in what fails.
private func naming<Value: ~Copyable>(
    _ path: String, _ body: () throws(StorageError) -> Value
) throws(RunFailure) -> Value {
    do { return try body() } catch { throw RunFailure("\(path): \(error.reason)") }
}

/// Writes to a database, on one thread at a time.
private final class DatabaseWriter: @unchecked Sendable {
    let file: DocumentFile
    private var database: CaptureDatabase?
    private var failure: StorageError?

    init(_ path: String, inputs: [FileIdentity]) throws(RunFailure) {
        let file = try DocumentFile(path, inputs: inputs)
        self.file = file
        // The file has no name of its own yet: SQLite finds it by its descriptor.
        database = try naming(path) { () throws(StorageError) in
            try CaptureDatabase(path: "/proc/self/fd/\(file.descriptor)")
        }
    }

    /// Writes the connections and their changes of state.
    func write(_ histories: HistoriesByConnection, threads: Int) throws(StorageError) {
        // Enough rows that the start of a statement costs little.
        histories.pieces(of: 256, threads: threads) {
            ConnectionRows($0)
        } _: { [self] in
            add($0)
        }
        if let failure { throw failure }
    }

    private func add(_ rows: ConnectionRows) {
        guard failure == nil else { return }
        do throws(StorageError) { try database?.write(rows) } catch { failure = error }
    }

    /// Makes the index of the connections.
    func indexConnections() throws(StorageError) { try database?.indexConnections() }

    /// Writes what was found, and completes the database.
    func finish(with report: Report, _ findings: FindingRows) throws(StorageError) {
        try database?.writeCapture(report, tool: "wirestate")
        try database?.write(findings)
        try database.take()?.finish()
    }
}

extension ConnectionRows {
    /// The rows of connections and all their changes of state.
    fileprivate init(_ histories: HistoriesByConnection.Histories) {
        self.init(connections: histories.count, transitions: histories.transitionCount)
        histories.forEach { record, entries, before in
            add(record, transitions: entries.count, before: before)
            for entry in entries { add(entry.transition, of: record, at: entry.time) }
        }
    }
}
