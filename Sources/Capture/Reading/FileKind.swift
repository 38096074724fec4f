/// What a file that is no capture looks like, by its first bytes.
public enum FileKind: Hashable, Sendable {
    /// gzip, RFC 1952, inside what was unpacked already.
    case gzip
    /// Zstandard, RFC 8878, inside what was unpacked already.
    case zstandard
    /// bzip2.
    case bzip2
    /// xz.
    case xz
    /// LZ4 frames.
    case lz4
    /// A zip archive.
    case zip
    /// Solaris snoop, RFC 1761.
    case snoop
    /// Microsoft Network Monitor.
    case networkMonitor
    /// A relative of pcap whose records differ.
    case pcapVariant
    /// pcapng whose section header makes no sense.
    case damagedPcapng
    /// Printable text.
    case text
    /// Too short to tell, with so many bytes.
    case short(Int)
    /// None of these; the first four bytes, read as a big-endian number.
    case unknown(UInt32)

    /// Looks at the first bytes of a file.
    init(_ bytes: Span<UInt8>) {
        guard bytes.count >= 4 else {
            self = .short(bytes.count)
            return
        }
        let magic = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[$1]) }
        switch magic {
        case 0x1f8b_0000...0x1f8b_ffff: self = .gzip
        case 0x28b5_2ffd: self = .zstandard
        case 0x425a_6800...0x425a_68ff: self = .bzip2
        case 0xfd37_7a58: self = .xz
        case 0x0422_4d18: self = .lz4
        case 0x504b_0304, 0x504b_0506: self = .zip
        case 0x736e_6f6f: self = .snoop
        case 0x474d_4255, 0x5254_5353: self = .networkMonitor
        case 0xa1b2_34cd, 0xcd34_b2a1, 0xa12b_3c4d, 0x4d3c_2ba1: self = .pcapVariant
        case 0x0a0d_0d0a: self = .damagedPcapng
        default: self = Self.isText(bytes) ? .text : .unknown(magic)
        }
    }

    private static func isText(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices.prefix(256) {
            switch bytes[index] {
            case 9, 10, 12, 13, 32...126, 128...: continue
            default: return false
            }
        }
        return true
    }
}
