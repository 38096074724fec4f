extension Database {
    /// Inserts rows into a table, many with one run of a statement: less than half the time of one each.
    struct Insertion: ~Copyable {
        private let columns: Int
        private let many: Statement
        private let some: Statement
        private let one: Statement

        /// Rows of one run of a statement; SQLite takes 32,766 values at most.
        private static let (manyRows, someRows) = (256, 16)

        /// - Parameters:
        ///   - table: its name, with the names of the columns where some are left out.
        ///   - columns: how many values each row has.
        init(
            into table: String, columns: Int, _ database: borrowing Database
        ) throws(StorageError) {
            func sql(_ count: Int) -> String {
                let row = "(\(repeatElement("?", count: columns).joined(separator: ", ")))"
                let rows = repeatElement(row, count: count).joined(separator: ", ")
                return "INSERT INTO \(table) VALUES \(rows)"
            }
            let many = try database.prepare(sql(Insertion.manyRows))
            let some = try database.prepare(sql(Insertion.someRows))
            let one = try database.prepare(sql(1))
            self.columns = columns
            self.many = many
            self.some = some
            self.one = one
        }

        /// Inserts rows.
        func insert(_ rows: Rows, into database: borrowing Database) throws(StorageError) {
            var start = 0
            func next(_ count: Int) -> Range<Int>? {
                let end = start + count * columns
                guard end <= rows.values.count else { return nil }
                defer { start = end }
                return start..<end
            }
            while let range = next(Insertion.manyRows) { try database.run(many, rows, range) }
            while let range = next(Insertion.someRows) { try database.run(some, rows, range) }
            while let range = next(1) { try database.run(one, rows, range) }
        }
    }
}
