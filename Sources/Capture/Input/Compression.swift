/// How a capture file is packed.
public enum Compression: String, Hashable, Sendable {
    /// gzip, RFC 1952: any number of members.
    case gzip
    /// Zstandard, RFC 8878: any number of frames.
    case zstandard = "zstd"

    /// What is wrong with packed data.
    public enum Damage: Error, Hashable, Sendable {
        /// The file ends inside.
        case cut
        /// The data contradict themselves, or their checksum.
        case corrupt
        /// Behind the end there is something else.
        case trailing
        /// It cannot be unpacked in the memory allowed: `Compression.windowLimit`.
        case window
        /// The library has no memory left.
        case memory
    }

    /// The largest window of Zstandard that is allowed, in bytes as a power of two: 128 MiB, as with
    /// `zstd -d`.
    static let windowLimit = 27

    /// Tells by a file's first four bytes; `nil` where it is not packed in a way known here.
    ///
    /// Zstandard may begin with a skippable frame, as pzstd's files do.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        switch bytes.prefix(4).reduce(UInt32(0), { $0 << 8 | UInt32($1) }) {
        case 0x1f8b_0800...0x1f8b_08ff: self = .gzip
        case 0x28b5_2ffd: self = .zstandard
        case let magic where magic & 0xf0ff_ffff == 0x502a_4d18: self = .zstandard
        default: return nil
        }
    }

    /// What unpacks it.
    func decompressor() throws(Damage) -> any Decompressor {
        switch self {
        case .gzip: try GzipDecompressor()
        case .zstandard: try ZstandardDecompressor()
        }
    }
}
