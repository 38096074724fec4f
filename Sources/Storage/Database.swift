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
    /// - Parameter bind: adds the values of its parameters, in their order.
    borrowing func run(
        _ statement: borrowing Statement, _ bind: (inout Parameters) -> Void
    ) throws(StorageError) {
        guard statement.run(bind) else { throw error(statement.sql) }
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
        fileprivate borrowing func run(_ bind: (inout Parameters) -> Void) -> Bool {
            var parameters = unsafe Parameters(handle)
            bind(&parameters)
            let isDone = unsafe sqlite3_step(handle) == SQLITE_DONE
            return unsafe sqlite3_reset(handle) == SQLITE_OK && isDone && parameters.areBound
        }
    }

    /// The parameters of a statement that is about to run, which take one value after the other.
    @safe
    struct Parameters {
        private let handle: OpaquePointer
        private var place: Int32 = 0
        /// Whether SQLite has taken all values so far.
        fileprivate private(set) var areBound = true

        fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

        /// A whole number; SQLite's are signed 64-bit ones.
        mutating func add(_ number: some BinaryInteger) {
            place += 1
            note(unsafe sqlite3_bind_int64(handle, place, Int64(clamping: number)))
        }

        /// A whole number or NULL.
        mutating func add(_ number: (some BinaryInteger)?) {
            if let number { add(number) } else { addNull() }
        }

        /// A text.
        mutating func add(_ text: String) {
            place += 1
            // SQLITE_TRANSIENT: SQLite copies the text.
            note(
                unsafe sqlite3_bind_text(
                    handle, place, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self)))
        }

        /// A text or NULL.
        mutating func add(_ text: String?) {
            if let text { add(text) } else { addNull() }
        }

        private mutating func addNull() {
            place += 1
            note(unsafe sqlite3_bind_null(handle, place))
        }

        private mutating func note(_ code: Int32) { areBound = areBound && code == SQLITE_OK }
    }
}
