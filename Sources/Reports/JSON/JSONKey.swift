internal import Wire

/// The name of a field, as it is written: with a comma in front, quotation marks and a colon. It is printable ASCII
/// without quotation mark and backslash, of at most 60 characters.
public struct JSONKey: ExpressibleByStringLiteral, Sendable {
    /// Plain bytes: threads that write the same fields share no counter of references.
    private let text: InlineArray<8, UInt64>
    private let count: Int

    /// Writing one takes as many bytes of room, however short it is.
    static var room: Int { 64 }

    /// The key of a name.
    public init(_ name: String) {
        var text = InlineArray<8, UInt64>(repeating: 0)
        var count = 0
        for byte in ",\"\(name)\":".utf8 {
            text[count >> 3] |= UInt64(byte) << UInt64(8 * (count & 7))
            count += 1
        }
        self.text = text
        self.count = count
    }

    /// The name.
    var name: String {
        String(decoding: (2..<count - 2).lazy.map { byte($0) }, as: UTF8.self)
    }

    private func byte(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: text[index >> 3] >> UInt64(8 * (index & 7)))
    }

    /// The key of a name.
    public init(stringLiteral name: String) { self.init(name) }

    /// Writes it.
    ///
    /// - Parameter isFirst: whether no field is before it.
    @inline(__always)
    fileprivate func write(to start: UnsafeMutableRawPointer, isFirst: Bool) -> Int {
        // All of the bytes at once: those behind the name are written over by what follows.
        for index in text.indices {
            unsafe start.storeBytes(
                of: text[index].littleEndian, toByteOffset: 8 * index, as: UInt64.self)
        }
        guard isFirst else { return count }
        for index in 1..<count {
            unsafe start.storeBytes(of: byte(index), toByteOffset: index - 1, as: UInt8.self)
        }
        return count - 1
    }
}

extension OutputSpan<UInt8> {
    /// Appends a key. There must be ``JSONKey/room``.
    @_lifetime(self: copy self) @inline(__always)
    mutating func append(_ key: JSONKey, isFirst: Bool) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            precondition(buffer.count - count >= JSONKey.room)
            guard let start = buffer.baseAddress else { return }
            count += unsafe key.write(to: UnsafeMutableRawPointer(start + count), isFirst: isFirst)
        }
    }
}
