public import Coding

extension RunNumbering.ConnectionStarts {
    /// How many there are.
    public var connections: Int { count }

    /// Reads what ``encode(to:)`` wrote.
    public init(from coder: inout BinaryCoder) {
        self.init()
        coder.list(&words, 0) { $1(&$0) }
        var cursor = Cursor(self)
        while cursor.frame < .max {
            // Their frames are in order, and each is whole.
            guard cursor.frame > last, cursor.isWhole else {
                coder.fail()
                return
            }
            last = cursor.frame
            count += 1
            cursor.advance()
        }
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
            note(frame: cursors[first].frame, beginsStream: cursors[first].beginsStream)
            cursors[first].advance()
        }
    }
}
