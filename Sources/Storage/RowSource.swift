internal import CSQLite

/// Rows as a table that SQLite reads from the first row to the last.
///
/// A virtual table (sqlite.org/vtab.html): `INSERT … SELECT` takes each value from where it lies, which costs less than
/// binding it to a parameter.
@safe
final class RowSource {
    private let columns: Int
    private var values = unsafe UnsafeBufferPointer<Rows.Value>(start: nil, count: 0)
    private var text = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    /// - Parameter columns: how many values each row has.
    init(columns: Int) { self.columns = columns }

    /// Calls `body` while some rows are what the table holds.
    func withRows(_ rows: Rows, _ body: () throws(StorageError) -> Void) throws(StorageError) {
        try unsafe rows.values.withUnsafeBufferPointer { values throws(StorageError) in
            try unsafe rows.text.withUnsafeBufferPointer { text throws(StorageError) in
                unsafe (self.values, self.text) = (values, text)
                try body()
            }
        }
    }

    /// Makes the table known to a connection, which keeps it. The corresponding C function is `sqlite3_create_module_v2`.
    ///
    /// - Returns: the code of the result.
    func register(as name: String, in database: OpaquePointer) -> Int32 {
        unsafe sqlite3_create_module_v2(
            database, name, &RowSource.module, Unmanaged.passRetained(self).toOpaque()
        ) { unsafe Unmanaged<RowSource>.fromOpaque($0!).release() }
    }

    /// What SQLite knows of the table: its own part comes first.
    @unsafe
    private struct Table {
        var base = unsafe sqlite3_vtab()
        let source: Unmanaged<RowSource>
    }

    /// Where SQLite is in the table.
    @unsafe
    private struct Cursor {
        var base = unsafe sqlite3_vtab_cursor()
        let source: Unmanaged<RowSource>
        var values = unsafe UnsafeBufferPointer<Rows.Value>(start: nil, count: 0)
        var text = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        var columns = 0
        /// The first value of the row.
        var start = 0

        /// Goes to the first row.
        mutating func rewind() {
            unsafe source._withUnsafeGuaranteedRef {
                unsafe (values, text, columns) = ($0.values, $0.text, $0.columns)
            }
            unsafe start = 0
        }

        /// Texts stay where they are while SQLite reads the table: it does not copy them (SQLITE_STATIC).
        func give(_ column: Int, to result: OpaquePointer?) {
            switch unsafe values[start + column] {
            case .null: break
            case .integer(let number): unsafe sqlite3_result_int64(result, number)
            case .text(let first, let end) where first < end:
                unsafe UnsafeBufferPointer(rebasing: text[Int(first)..<Int(end)])
                    .withMemoryRebound(to: CChar.self) { text in
                        unsafe sqlite3_result_text(
                            result, text.baseAddress, Int32(end - first), nil)
                    }
            case .text: unsafe sqlite3_result_text(result, "", 0, nil)
            }
        }
    }

    /// SQLite reads it only.
    nonisolated(unsafe) private static var module = {
        var module = sqlite3_module()
        unsafe module.xConnect = { database, source, _, _, table, _ in
            let source = unsafe Unmanaged<RowSource>.fromOpaque(source!)
            let made = UnsafeMutablePointer<Table>.allocate(capacity: 1)
            unsafe made.initialize(to: Table(source: source))
            unsafe table!.pointee = UnsafeMutableRawPointer(made)
                .assumingMemoryBound(to: sqlite3_vtab.self)
            let columns = unsafe source.takeUnretainedValue().columns
            let names = (0..<columns).map { "c\($0)" }.joined(separator: ", ")
            return unsafe sqlite3_declare_vtab(database, "CREATE TABLE x(\(names))")
        }
        unsafe module.xDisconnect = { table in
            unsafe RowSource.table(table).deallocate()
            return SQLITE_OK
        }
        unsafe module.xBestIndex = { _, _ in SQLITE_OK }
        unsafe module.xOpen = { table, cursor in
            let made = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
            unsafe made.initialize(to: Cursor(source: RowSource.table(table).pointee.source))
            unsafe cursor!.pointee = UnsafeMutableRawPointer(made)
                .assumingMemoryBound(to: sqlite3_vtab_cursor.self)
            return SQLITE_OK
        }
        unsafe module.xClose = { cursor in
            unsafe RowSource.cursor(cursor).deallocate()
            return SQLITE_OK
        }
        unsafe module.xFilter = { cursor, _, _, _, _ in
            unsafe RowSource.cursor(cursor).pointee.rewind()
            return SQLITE_OK
        }
        unsafe module.xNext = { cursor in
            let cursor = unsafe RowSource.cursor(cursor)
            unsafe cursor.pointee.start += cursor.pointee.columns
            return SQLITE_OK
        }
        unsafe module.xEof = { cursor in
            let cursor = unsafe RowSource.cursor(cursor)
            return unsafe cursor.pointee.start >= cursor.pointee.values.count ? 1 : 0
        }
        unsafe module.xColumn = { cursor, result, column in
            unsafe RowSource.cursor(cursor).pointee.give(Int(column), to: result)
            return SQLITE_OK
        }
        unsafe module.xRowid = { cursor, row in
            unsafe row!.pointee = Int64(RowSource.cursor(cursor).pointee.start)
            return SQLITE_OK
        }
        return module
    }()

    private static func table(
        _ table: UnsafeMutablePointer<sqlite3_vtab>?
    ) -> UnsafeMutablePointer<Table> {
        unsafe UnsafeMutableRawPointer(table!).assumingMemoryBound(to: Table.self)
    }

    private static func cursor(
        _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?
    ) -> UnsafeMutablePointer<Cursor> {
        unsafe UnsafeMutableRawPointer(cursor!).assumingMemoryBound(to: Cursor.self)
    }
}
