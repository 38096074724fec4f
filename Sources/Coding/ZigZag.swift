/// Signed numbers as unsigned ones that are small where those are near 0: 0, -1, 1, -2 are 0, 1, 2, 3.
@usableFromInline
enum ZigZag {
    @inlinable @inline(__always)
    static func pack(_ number: Int64) -> UInt64 {
        UInt64(bitPattern: number << 1 ^ number >> 63)
    }

    @inlinable @inline(__always)
    static func unpack(_ word: UInt64) -> Int64 {
        Int64(bitPattern: word >> 1) ^ -Int64(bitPattern: word & 1)
    }
}
