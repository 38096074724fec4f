public import Reports

/// The first rows of a table in its order, of however many there are: memory is bounded.
public struct RowSelection: Sendable {
    /// The rows so far; in order, once ``finish()`` was called.
    public private(set) var rows: [ConnectionRow] = []
    /// How many the filter has let pass.
    public private(set) var matching = 0
    /// How many were offered.
    public private(set) var total = 0
    private let filter: ConnectionFilter
    private let order: Order

    /// The most rows that are kept.
    static let limit = 1_000

    /// An empty table.
    public init(_ filter: ConnectionFilter, _ order: Order) {
        self.filter = filter
        self.order = order
    }

    /// Takes a row if it is wanted.
    public mutating func offer(_ row: ConnectionRow) {
        total += 1
        guard filter.shows(row) else { return }
        matching += 1
        rows.append(row)
        if rows.count >= 2 * RowSelection.limit { finish() }
    }

    /// Sorts what is there and keeps the first.
    public mutating func finish() {
        rows.sort(by: order.precedes)
        if rows.count > RowSelection.limit { rows.removeLast(rows.count - RowSelection.limit) }
    }
}
