extension Span<UInt8> {
    /// The two bytes at `offset` as a big-endian number; traps beyond the end.
    @inlinable @inline(__always)
    func uint16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset &+ 1])
    }

    /// The four bytes at `offset` as a big-endian number; traps beyond the end.
    @inlinable @inline(__always)
    func uint32(at offset: Int) -> UInt32 {
        UInt32(self[offset]) << 24 | UInt32(self[offset &+ 1]) << 16
            | UInt32(self[offset &+ 2]) << 8 | UInt32(self[offset &+ 3])
    }

    /// The eight bytes at `offset` as a big-endian number; traps beyond the end.
    @inlinable @inline(__always)
    func uint64(at offset: Int) -> UInt64 {
        UInt64(self[offset]) << 56 | UInt64(self[offset &+ 1]) << 48
            | UInt64(self[offset &+ 2]) << 40 | UInt64(self[offset &+ 3]) << 32
            | UInt64(self[offset &+ 4]) << 24 | UInt64(self[offset &+ 5]) << 16
            | UInt64(self[offset &+ 6]) << 8 | UInt64(self[offset &+ 7])
    }

    /// The bytes from `offset` on; none where it lies beyond the end.
    @inlinable
    @_lifetime(copy self)
    func from(_ offset: Int) -> Span<UInt8> {
        extracting(droppingFirst: Swift.min(offset, count))
    }

    /// The first `length` bytes, or all where there are fewer.
    @inlinable
    @_lifetime(copy self)
    func upTo(_ length: Int) -> Span<UInt8> {
        extracting(first: Swift.min(length, count))
    }
}
