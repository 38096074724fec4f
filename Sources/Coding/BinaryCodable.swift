/// A value that can be written down as bytes and read again: one function does both.
public protocol BinaryCodable {
    /// Writes the value; or reads one in its place, as far as the bytes are valid.
    mutating func code(_ coder: inout BinaryCoder)
}

extension BinaryCodable {
    /// Writes the value.
    @inlinable
    public func encode(to coder: inout BinaryCoder) {
        var copy = self
        copy.code(&coder)
    }
}

extension BinaryCoder {
    /// A value that codes itself.
    @inlinable
    public mutating func callAsFunction<Value: BinaryCodable>(_ value: inout Value) {
        value.code(&self)
    }
}
