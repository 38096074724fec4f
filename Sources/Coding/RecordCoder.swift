/// Writes records one after the other, or reads them in the same order: for what is too much to be held as bytes at once.
/// As with ``BinaryCoder``, one function of a type does both.
public protocol RecordCoder {
    /// Whether it reads.
    var isReading: Bool { get }
    /// Whether all that was read was there and could be.
    var isValid: Bool { get }
    /// Says that what was read makes no sense.
    mutating func fail()
    /// Writes a record, or reads the next one. Does nothing once something was invalid.
    mutating func record(_ body: (inout BinaryCoder) -> Void)
}

extension BinaryCoder: RecordCoder {
    /// One record after the other in the same bytes.
    public mutating func record(_ body: (inout BinaryCoder) -> Void) {
        if isValid { body(&self) }
    }
}

extension RecordCoder {
    /// Numbers in a list of any length, in records of a few thousand.
    ///
    /// - Parameter limit: a longer list is invalid, so that nobody makes a reader take memory.
    public mutating func list<Number: FixedWidthInteger>(_ list: inout [Number], limit: Int) {
        var count = list.count
        record { $0(&count) }
        guard isValid, 0...limit ~= count else { return fail() }
        if isReading { list = [] }
        let size = 4096
        for start in stride(from: 0, to: count, by: size) where isValid {
            record { coder in
                for index in start..<min(start + size, count) where coder.isValid {
                    var number = coder.isReading ? 0 : list[index]
                    coder(&number)
                    if coder.isReading { list.append(number) }
                }
            }
        }
    }
}
