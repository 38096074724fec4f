/// Finds the parts of a packed file that can be unpacked by themselves: gzip members whose headers tell their lengths, as
/// those of bgzip do (SAM specification, section 4.1), and Zstandard's frames, skippable ones too (RFC 8878, section 3.1).
///
/// Lengths are those that headers tell. They may be wrong: ``UnpackAhead`` checks where a part ends.
struct PackedUnits {
    /// One or more parts that follow each other.
    struct Group {
        var range: Range<Int64>
        /// Bytes that it unpacks to, as far as its headers tell.
        var content = 0
        fileprivate var count = 0
        fileprivate var isFull = false
    }

    private struct Unit {
        let length: Int64
        /// Nil where the header does not tell.
        let content: Int?
    }

    private let file: SharedDescriptor
    private let compression: Compression
    /// Where the next part begins.
    private var offset: Int64
    /// Whether none was found there: it is not looked for again.
    private var isOver = false
    /// Bytes of the file that headers were read from, and where they begin.
    private var window: (start: Int64, bytes: [UInt8]) = (0, [])

    /// The most bytes of a part that is worth unpacking by itself.
    static let packedLimit: Int64 = 16 << 20
    /// The most that a group may unpack to: a chunk of pzstd.
    static let contentLimit = 8 << 20
    /// Of smaller parts, some are unpacked together.
    private static let groupSize = 1 << 20
    private static let groupLimit = 64
    /// Bytes that are read at once: headers may be close together.
    private static let windowSize = 4_096
    /// Blocks that are looked at for the end of a frame. A block has up to 128 KiB.
    private static let blockLimit = 1_024

    init(_ compression: Compression, _ file: SharedDescriptor, from offset: Int64) {
        self.compression = compression
        self.file = file
        self.offset = offset
    }

    /// The next parts; nil where none are found.
    mutating func next() -> Group? {
        if isOver { return nil }
        var group = Group(range: offset..<offset)
        while !group.isFull, let unit = unit(at: group.range.upperBound) {
            let content = unit.content ?? 0
            if group.count > 0, group.content + content > Self.groupSize { break }
            group.range = group.range.lowerBound..<group.range.upperBound + unit.length
            group.content += content
            group.count += 1
            group.isFull =
                unit.content == nil || group.count == Self.groupLimit
                || group.range.count >= Self.groupSize
        }
        isOver = group.count == 0 || group.content > Self.contentLimit
        if isOver { return nil }
        offset = group.range.upperBound
        return group
    }

    private mutating func unit(at offset: Int64) -> Unit? {
        switch compression {
        case .gzip: gzipMember(at: offset)
        case .zstandard: zstandardFrame(at: offset)
        }
    }

    /// RFC 1952, section 2.3: a member with an extra field `BC`, its length less one.
    private mutating func gzipMember(at offset: Int64) -> Unit? {
        let header = bytes(at: offset, count: 18)
        guard header.count == 18, header.prefix(4).elementsEqual([0x1f, 0x8b, 8, 4]),
            header[10...15].elementsEqual([6, 0, 0x42, 0x43, 2, 0])
        else { return nil }
        return Unit(length: Int64(header.number(at: 16, bytes: 2)) + 1, content: 1 << 16)
    }

    private mutating func zstandardFrame(at offset: Int64) -> Unit? {
        let header = bytes(at: offset, count: 18)
        guard header.count >= 8 else { return nil }
        let magic = header.number(at: 0, bytes: 4)
        if magic & 0xffff_fff0 == 0x184d_2a50 {
            let length = Int64(header.number(at: 4, bytes: 4)) + 8
            return length <= Self.packedLimit ? Unit(length: length, content: 0) : nil
        }
        guard magic == 0xfd2f_b528 else { return nil }
        // The descriptor: the size of the content size, a single segment, a checksum, the size of the dictionary's number.
        let descriptor = header[4]
        let isSingle = descriptor & 0x20 != 0
        let dictionarySize = [0, 1, 2, 4][Int(descriptor & 3)]
        let contentSize = [isSingle ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
        let start = 5 + (isSingle ? 0 : 1) + dictionarySize
        guard header.count >= start + contentSize else { return nil }
        var content: Int?
        if contentSize > 0 {
            let number =
                header.number(at: start, bytes: contentSize) &+ (contentSize == 2 ? 256 : 0)
            content = Int(clamping: number)
        }
        guard content ?? 0 <= Self.contentLimit,
            let end = endOfBlocks(from: offset + Int64(start + contentSize))
        else { return nil }
        return Unit(length: end + (descriptor & 4 != 0 ? 4 : 0) - offset, content: content)
    }

    /// Where the blocks of a frame end: RFC 8878, section 3.1.1.2.
    private mutating func endOfBlocks(from start: Int64) -> Int64? {
        var offset = start
        for _ in 0..<Self.blockLimit where offset - start <= Self.packedLimit {
            let header = bytes(at: offset, count: 3)
            guard header.count == 3 else { return nil }
            let number = header.number(at: 0, bytes: 3)
            let isRepeated = number >> 1 & 3 == 1
            offset += 3 + (isRepeated ? 1 : Int64(number >> 3))
            if number & 1 != 0 { return offset }
        }
        return nil
    }

    /// Bytes of the file, fewer at its end and where it cannot be read.
    private mutating func bytes(at offset: Int64, count: Int) -> [UInt8] {
        let end = window.start + Int64(window.bytes.count)
        if offset < window.start || offset + Int64(count) > end {
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.windowSize) { room, read in
                read = unsafe file.descriptor.fill(
                    UnsafeMutableRawBufferPointer(room), at: offset)
            }
            window = (offset, bytes)
        }
        return Array(window.bytes.dropFirst(Int(offset - window.start)).prefix(count))
    }
}

extension [UInt8] {
    /// A number whose lowest byte comes first.
    fileprivate func number(at index: Int, bytes: Int) -> UInt64 {
        self[index..<index + bytes].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
