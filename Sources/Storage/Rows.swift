/// Rows of one table on their way into it, without SQLite: any thread may make them.
struct Rows: Sendable {
    /// What a row has in a column.
    enum Value {
        case null
        case integer(Int64)
        /// Where a text lies in ``Rows/text``: from the first byte to before the second.
        case text(UInt32, UInt32)
    }

    /// Row by row, in the order of the columns.
    private(set) var values: [Value] = []
    /// All texts, one behind the other, in UTF-8.
    private(set) var text: [UInt8] = []

    /// None yet, and room for some values and for the bytes of their texts.
    init(values count: Int = 0, bytes: Int = 0) {
        values.reserveCapacity(count)
        text.reserveCapacity(bytes)
    }

    /// Adds a whole number; SQLite's are signed 64-bit ones.
    mutating func add(_ number: some BinaryInteger) {
        values.append(.integer(Int64(clamping: number)))
    }

    /// Adds a whole number or NULL.
    mutating func add(_ number: (some BinaryInteger)?) {
        if let number { add(number) } else { values.append(.null) }
    }

    /// Adds a text.
    mutating func add(_ text: String) { add { $0.append(contentsOf: text.utf8) } }

    /// Adds a text or NULL.
    mutating func add(_ text: String?) {
        if let text { add(text) } else { values.append(.null) }
    }

    /// Adds a text, which is appended to what it is given.
    mutating func add(_ write: (inout [UInt8]) -> Void) {
        let start = text.count
        write(&text)
        values.append(
            .text(UInt32(truncatingIfNeeded: start), UInt32(truncatingIfNeeded: text.count)))
    }

    /// Forgets them.
    mutating func removeAll() {
        values.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
    }
}
