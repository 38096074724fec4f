/// Values by serial numbers that are given out in order and of which most leave soon: blocks of values for runs of
/// numbers, and a dictionary for the few old ones that stay.
///
/// A lookup among recent numbers is two array accesses. Memory: of the values that the blocks have room for, an eighth at
/// least are in use, but in the last block; each of the other values takes a dictionary's entry.
public struct SerialTable<Value> {
    /// The blocks in order of their numbers; those without room have been given up.
    @usableFromInline var blocks: [ContiguousArray<Value?>] = []
    /// How many values each block has.
    @usableFromInline var counts: [Int] = []
    /// Which run of numbers the first block is for.
    @usableFromInline var first = 0
    /// The values that no block has.
    @usableFromInline var rest: [UInt32: Value] = [:]

    /// Numbers of one block.
    @usableFromInline static var size: Int { 256 }
    /// Blocks at once, so that a gap in the numbers costs little.
    @usableFromInline static var limit: Int { 1 << 16 }

    /// An empty table.
    public init() {}

    /// The value of a number; nil if there is none. Complexity: O(1).
    @inlinable
    public subscript(serial: UInt32) -> Value? {
        get {
            guard let blockIndex = blockIndex(of: serial) else {
                return rest.isEmpty ? nil : rest[serial]
            }
            return blocks[blockIndex][Int(serial) % Self.size]
        }
        set {
            guard let newValue else {
                remove(serial)
                return
            }
            guard let blockIndex = blockIndex(of: serial) ?? addBlock(for: serial) else {
                rest[serial] = newValue
                return
            }
            if blocks[blockIndex][Int(serial) % Self.size] == nil { counts[blockIndex] += 1 }
            blocks[blockIndex][Int(serial) % Self.size] = newValue
        }
    }

    /// The numbers that have values, in order. Complexity: O(n log n).
    public var serials: [UInt32] {
        var all = Array(rest.keys)
        for (blockIndex, block) in blocks.enumerated() {
            for index in block.indices where block[index] != nil {
                all.append(UInt32((first + blockIndex) * Self.size + index))
            }
        }
        return all.sorted()
    }

    /// Changes the value of a number in place. Complexity: O(1).
    ///
    /// - Returns: what the body returns; nil if there is no value.
    @inlinable
    public mutating func change<Result>(
        _ serial: UInt32, _ body: (inout Value) -> Result
    ) -> Result? {
        guard let blockIndex = blockIndex(of: serial) else {
            return rest.isEmpty ? nil : change(&rest[serial], body)
        }
        return change(&blocks[blockIndex][Int(serial) % Self.size], body)
    }

    @inlinable
    func change<Result>(_ value: inout Value?, _ body: (inout Value) -> Result) -> Result? {
        value == nil ? nil : body(&value!)
    }

    /// Takes a value out. Complexity: O(1), amortised.
    ///
    /// - Returns: the value; nil if there is none.
    @inlinable @discardableResult
    public mutating func remove(_ serial: UInt32) -> Value? {
        guard let blockIndex = blockIndex(of: serial) else {
            return rest.isEmpty ? nil : rest.removeValue(forKey: serial)
        }
        guard let value = blocks[blockIndex][Int(serial) % Self.size].take() else { return nil }
        counts[blockIndex] -= 1
        if counts[blockIndex] <= Self.size / 8, blockIndex + 1 < blocks.count { giveUp(blockIndex) }
        return value
    }

    /// The block that has a number's value, if there is one.
    @inlinable
    func blockIndex(of serial: UInt32) -> Int? {
        let blockIndex = Int(serial) / Self.size - first
        return blockIndex >= 0 && blockIndex < blocks.count && !blocks[blockIndex].isEmpty
            ? blockIndex : nil
    }

    /// A block behind all others, if that is where a number belongs.
    @usableFromInline
    mutating func addBlock(for serial: UInt32) -> Int? {
        let run = Int(serial) / Self.size
        if blocks.isEmpty { first = run }
        let blockIndex = run - first
        guard blockIndex >= blocks.count, blockIndex < Self.limit else { return nil }
        while blocks.count < blockIndex {
            blocks.append([])
            counts.append(0)
        }
        blocks.append(ContiguousArray(repeating: nil, count: Self.size))
        counts.append(0)
        // What was the last block until now may be nearly empty.
        if blockIndex > 0, !blocks[blockIndex - 1].isEmpty, counts[blockIndex - 1] <= Self.size / 8
        {
            giveUp(blockIndex - 1)
        }
        return Int(serial) / Self.size - first
    }

    /// Leaves the values of a block to the dictionary.
    @usableFromInline
    mutating func giveUp(_ blockIndex: Int) {
        for (index, value) in blocks[blockIndex].enumerated() {
            guard let value else { continue }
            rest[UInt32((first + blockIndex) * Self.size + index)] = value
        }
        blocks[blockIndex] = []
        counts[blockIndex] = 0
        let gone = blocks.prefix { $0.isEmpty }.count
        blocks.removeFirst(gone)
        counts.removeFirst(gone)
        first += gone
    }
}

extension SerialTable: Sendable where Value: Sendable {}
