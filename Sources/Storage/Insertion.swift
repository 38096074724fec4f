extension Database {
    /// Rows on their way into a table, of which one run of a statement takes many: less than half the time of one each.
    struct Insertion<Row>: ~Copyable {
        private let many: Statement
        private let one: Statement
        private let rowsAtOnce: Int
        private let bind: (Row, inout Parameters) -> Void
        private var rows: [Row] = []

        /// - Parameters:
        ///   - columns: how many values each row has.
        ///   - rowsAtOnce: how many rows are kept until they are written; SQLite takes 32,766 values at most.
        ///   - bind: adds a row's values, in the order of the columns.
        init(
            into table: String, columns: Int, rowsAtOnce: Int, _ database: borrowing Database,
            _ bind: @escaping (Row, inout Parameters) -> Void
        ) throws(StorageError) {
            let row = "(\(repeatElement("?", count: columns).joined(separator: ", ")))"
            let rows = repeatElement(row, count: rowsAtOnce).joined(separator: ", ")
            let many = try database.prepare("INSERT INTO \(table) VALUES \(rows)")
            let one = try database.prepare("INSERT INTO \(table) VALUES \(row)")
            self.many = many
            self.one = one
            self.rowsAtOnce = rowsAtOnce
            self.bind = bind
            self.rows.reserveCapacity(rowsAtOnce)
        }

        /// Adds a row.
        mutating func add(_ row: Row, to database: borrowing Database) throws(StorageError) {
            rows.append(row)
            guard rows.count == rowsAtOnce else { return }
            try database.run(many) { for row in rows { bind(row, &$0) } }
            rows.removeAll(keepingCapacity: true)
        }

        /// Writes the rows that wait.
        mutating func finish(to database: borrowing Database) throws(StorageError) {
            for row in rows { try database.run(one) { bind(row, &$0) } }
            rows.removeAll()
        }
    }
}
