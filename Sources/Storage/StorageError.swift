/// Why a database could not be written.
public struct StorageError: Error {
    /// SQLite's extended result code (`sqlite3_extended_errcode`).
    public let code: Int32
    /// SQLite's text (`sqlite3_errmsg`).
    public let message: String
    /// The statement; empty where none was run.
    public let statement: String

    /// Why, and what to do; with the statement where there was one.
    public var reason: String {
        let excerpt = statement.isEmpty ? "" : " in '\(statement.prefix(60))'"
        return
            "SQLite: \(message) (\(code))\(excerpt): check the folder and the space on the disk"
    }
}
