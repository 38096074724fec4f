public import Coding

extension RunNumbering.ConnectionStarts {
    /// How many there are.
    public var connections: Int { count }

    /// Reads what ``encode(to:)`` wrote.
    public init(from coder: inout BinaryCoder) {
        self.init()
        coder.list(&words, 0) { $1(&$0) }
        if !countAll() { coder.fail() }
    }

    /// Finds out how many there are, and where the last one is; returns whether all are as they are written.
    private mutating func countAll() -> Bool {
        (last, count) = (0, 0)
        var cursor = Cursor(self)
        while cursor.frame < .max {
            // Their frames are in order, and each is whole.
            guard cursor.frame > last, cursor.isWhole else { return false }
            last = cursor.frame
            count += 1
            cursor.advance()
        }
        return true
    }

    /// Writes them to be added to, or reads them in the place of none.
    mutating func code(_ records: inout some RecordCoder) {
        records.list(&words, limit: 1 << 28)
        if records.isReading, !countAll() { records.fail() }
    }

    /// Writes them.
    public func encode(to coder: inout BinaryCoder) {
        var words = words
        coder.list(&words, 0) { $1(&$0) }
    }

    /// Those of several shards, in order.
    public init(merging shards: [RunNumbering.ConnectionStarts]) {
        self.init()
        var cursors = shards.map { Cursor($0) }
        while let first = cursors.indices.min(by: { cursors[$0].frame < cursors[$1].frame }),
            cursors[first].frame < .max
        {
            append(frame: cursors[first].frame, beginsStream: cursors[first].beginsStream)
            cursors[first].advance()
        }
    }
}
