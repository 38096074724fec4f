internal import CSQLite

/// An SQLite database that is being written: one transaction, prepared statements, no journal.
///
/// For a file that nobody else sees before it is complete. Not for concurrent use.
@safe
struct Database: ~Copyable {
    private let handle: OpaquePointer

    /// Opens an empty file that exists. The corresponding C function is `sqlite3_open_v2`.
    init(path: String) throws(StorageError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            let message = unsafe String(cString: sqlite3_errstr(code))
            unsafe sqlite3_close_v2(opened)
            throw StorageError(code: code, message: message, statement: "")
        }
        unsafe self.handle = handle
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// Runs statements without parameters. The corresponding C function is `sqlite3_exec`.
    borrowing func execute(_ sql: String) throws(StorageError) {
        guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw error(sql) }
    }

    /// Prepares a statement that is run many times. The corresponding C function is `sqlite3_prepare_v3`.
    borrowing func prepare(_ sql: String) throws(StorageError) -> Statement {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard unsafe sqlite3_prepare_v3(handle, sql, -1, flags, &prepared, nil) == SQLITE_OK,
            let statement = unsafe prepared
        else { throw error(sql) }
        return unsafe Statement(statement)
    }

    /// Runs a statement once.
    ///
    /// - Parameter body: adds the values of its parameters, in their order.
    borrowing func run(
        _ statement: borrowing Statement, _ body: (inout Rows) -> Void
    ) throws(StorageError) {
        var row = Rows()
        body(&row)
        guard statement.run(row) else { throw error(statement.sql) }
    }

    /// Offers rows as a table that statements read.
    borrowing func offer(_ source: RowSource, as name: String) throws(StorageError) {
        guard unsafe source.register(as: name, in: handle) == SQLITE_OK else { throw error(name) }
    }

    /// What SQLite says of the last call.
    private borrowing func error(_ sql: String) -> StorageError {
        StorageError(
            code: unsafe sqlite3_extended_errcode(handle),
            message: unsafe String(cString: sqlite3_errmsg(handle)), statement: sql)
    }

    /// A prepared statement.
    @safe
    struct Statement: ~Copyable {
        private let handle: OpaquePointer

        fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

        deinit { unsafe sqlite3_finalize(handle) }

        /// Its text.
        var sql: String { unsafe String(cString: sqlite3_sql(handle)) }

        /// Binds values and runs the statement once; false where that fails.
        fileprivate borrowing func run(_ row: Rows) -> Bool {
            unsafe row.text.withUnsafeBufferPointer { text in
                // All are bound anew each time: what is left of the last time is never read.
                var areBound = true
                for (index, value) in row.values.enumerated() {
                    areBound = unsafe bind(value, text, to: Int32(index + 1)) && areBound
                }
                let isDone = unsafe sqlite3_step(handle) == SQLITE_DONE
                return unsafe sqlite3_reset(handle) == SQLITE_OK && isDone && areBound
            }
        }

        /// Texts stay where they are until the statement has run: SQLite does not copy them (SQLITE_STATIC).
        private borrowing func bind(
            _ value: Rows.Value, _ text: UnsafeBufferPointer<UInt8>, to parameter: Int32
        ) -> Bool {
            let code =
                switch value {
                case .null: unsafe sqlite3_bind_null(handle, parameter)
                case .integer(let number): unsafe sqlite3_bind_int64(handle, parameter, number)
                case .text(let start, let end) where start < end:
                    unsafe UnsafeBufferPointer(rebasing: text[Int(start)..<Int(end)])
                        .withMemoryRebound(to: CChar.self) { text in
                            unsafe sqlite3_bind_text(
                                handle, parameter, text.baseAddress, Int32(end - start), nil)
                        }
                case .text: unsafe sqlite3_bind_text(handle, parameter, "", 0, nil)
                }
            return code == SQLITE_OK
        }
    }
}
