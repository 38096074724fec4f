/// Numbers of up to eight bytes in a word: seven bits a byte, the lowest first; the last byte has its highest bit clear.
enum LEB128 {
    /// How many bytes the number at the beginning of a word has; nil where it does not end there.
    @inline(__always)
    static func size(_ packed: UInt64) -> Int? {
        let ends = ~packed & 0x8080_8080_8080_8080
        return ends == 0 ? nil : (ends.trailingZeroBitCount &+ 1) &>> 3
    }

    /// The number in the first bytes of a word.
    @inline(__always)
    static func unpack(_ packed: UInt64, size: Int) -> UInt64 {
        // What is behind the last byte goes, and the highest bit of each; then neighbours join: 7 bits, 14, 28.
        var bits = packed & .max &>> UInt64(64 &- 8 &* size) & 0x7f7f_7f7f_7f7f_7f7f
        bits = bits & 0x007f_007f_007f_007f | (bits & 0x7f00_7f00_7f00_7f00) &>> 1
        bits = bits & 0x0000_3fff_0000_3fff | (bits & 0x3fff_0000_3fff_0000) &>> 2
        return bits & 0x0fff_ffff | (bits & 0x0fff_ffff_0000_0000) &>> 4
    }

    /// The bytes of a number below 2^56, and how many they are.
    @inline(__always)
    static func pack(_ number: UInt64) -> (packed: UInt64, size: Int) {
        let size = (70 &- (number | 1).leadingZeroBitCount) / 7
        var bits = number & 0x0fff_ffff | (number &<< 4) & 0x0fff_ffff_0000_0000
        bits = bits & 0x0000_3fff_0000_3fff | (bits &<< 2) & 0x3fff_0000_3fff_0000
        bits = bits & 0x007f_007f_007f_007f | (bits &<< 1) & 0x7f00_7f00_7f00_7f00
        return (bits | 0x8080_8080_8080_8080 & (1 &<< UInt64(8 &* (size &- 1)) &- 1), size)
    }
}
