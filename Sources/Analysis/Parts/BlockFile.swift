import Capture
import Coding
import POSIX

/// The format of manifests, parts and checkpoints: a head, then blocks, each of which is packed for itself and has its checksum.
///
///     head   8 bytes "wirepart", version (4)
///     block  section (1), bytes packed (4), bytes unpacked (4), Zstandard frame with checksum
///     end    a block of section 0
///
/// Numbers are little-endian. A block holds whole records of one section; sections may be mixed.
enum BlockFile {
    static let magic = Array("wirepart".utf8)
    /// To be raised with every change of what any section holds.
    static let version: UInt32 = 10
    static let headSize = 12
    static let blockHeadSize = 9
    /// No block is longer, unpacked.
    static let blockLimit = 64 << 20
    /// From so many bytes on a block is written.
    static let blockSize = 256 << 10

    /// What a block holds.
    enum Section: UInt8, CaseIterable {
        case end = 0
        /// The manifest of the whole run.
        case manifest
        /// Whose part it is.
        case part
        /// How its connections began.
        case starts
        /// Frames that were looked at.
        case samples
        /// Connections that left a full table.
        case evicted
        /// Connections at the end, in the order of their first frames.
        case connections
        case transitions
        /// Whose checkpoint it is.
        case checkpoint
        /// All that a tracker, its observer and what looks at the capture know.
        case machine
        /// Of which files a split is, and how large its shards are.
        case split
        /// What is learnt of the connections at the end before any is examined.
        case previews
    }
}

/// Writes such a file, which takes its place when it is complete.
final class BlockFileWriter {
    private let file: OutputFile
    private let compressor = ZstandardBlockCompressor(level: -8)
    private var coders: [BinaryCoder]
    /// The first write that failed: nothing is written after it.
    private var failure: SystemError?

    /// Where it is written.
    var path: String { file.path }

    init(_ path: String) throws(PartError) {
        do { file = try OutputFile(path, .replace, acceptsStreams: false) } catch {
            throw PartError(path, error)
        }
        coders = BlockFile.Section.allCases.map { _ in BinaryCoder() }
        put((BlockFile.magic + BlockFile.version.bytes).span)
    }

    /// Adds a record to a section.
    func append(to section: BlockFile.Section, _ encode: (inout BinaryCoder) -> Void) {
        let index = Int(section.rawValue)
        encode(&coders[index])
        if coders[index].count >= BlockFile.blockSize { flush(section) }
    }

    /// Writes the rest and puts the file into its place.
    func finish() throws(PartError) {
        for section in BlockFile.Section.allCases where section != .end { flush(section) }
        put(([BlockFile.Section.end.rawValue] + UInt32(0).bytes + UInt32(0).bytes).span)
        if let failure { throw PartError(file.path, failure) }
        do { try file.commit() } catch { throw PartError(file.path, error) }
    }

    private func flush(_ section: BlockFile.Section) {
        let index = Int(section.rawValue)
        let size = coders[index].count
        if size == 0 { return }
        coders[index].withBytes { bytes in
            compressor.compress(bytes) { compressed in
                let head =
                    [section.rawValue] + UInt32(compressed.count).bytes + UInt32(size).bytes
                put(head.span)
                put(compressed)
            }
        }
        coders[index].removeAll()
    }

    private func put(_ bytes: Span<UInt8>) {
        if failure != nil { return }
        do { try file.write(bytes) } catch { failure = error }
    }
}

/// Reads such a file.
final class BlockFileReader {
    let path: String
    private let file: InputFile
    private let decompressor = ZstandardBlockDecompressor()
    private var blocks: [Block] = []

    private struct Block {
        let section: BlockFile.Section
        let offset: Int64
        let compressedSize: Int
        let size: Int
    }

    /// Opens a file and finds its blocks.
    init(_ path: String) throws(PartError) {
        self.path = path
        do { file = try InputFile(path) } catch { throw PartError(path, error) }
        let head = try bytes(at: 0, count: BlockFile.headSize)
        guard head.starts(with: BlockFile.magic) else {
            throw .damaged(path, reason: "not a part, manifest or checkpoint of wirestate")
        }
        let version = UInt32(bytes: head[BlockFile.magic.count...])
        guard version == BlockFile.version else {
            throw .damaged(
                path,
                reason: "it has version \(version), this program reads \(BlockFile.version): "
                    + "create it again with this program")
        }
        try findBlocks()
    }

    private func findBlocks() throws(PartError) {
        var offset = Int64(BlockFile.headSize)
        while true {
            let head = try bytes(at: offset, count: BlockFile.blockHeadSize)
            let (compressedSize, size) = (UInt32(bytes: head[1...]), UInt32(bytes: head[5...]))
            guard let section = BlockFile.Section(rawValue: head[0]),
                compressedSize <= BlockFile.blockLimit, size <= BlockFile.blockLimit
            else { throw damaged }
            offset += Int64(BlockFile.blockHeadSize)
            if section == .end {
                guard compressedSize == 0, size == 0, try isEnd(offset) else { throw damaged }
                return
            }
            blocks.append(
                Block(
                    section: section, offset: offset, compressedSize: Int(compressedSize),
                    size: Int(size)))
            offset += Int64(compressedSize)
        }
    }

    /// The first record of a section; nil where it has none.
    func first<Record>(
        _ section: BlockFile.Section, _ read: (inout BinaryCoder) -> Record
    ) throws(PartError) -> Record? {
        var cursor = Cursor(self, section)
        return try cursor.next(read)
    }

    /// A walk over the records of a section.
    struct Cursor {
        private let reader: BlockFileReader
        private let section: BlockFile.Section
        private var block = 0
        private var coder = BinaryCoder(reading: [])

        init(_ reader: BlockFileReader, _ section: BlockFile.Section) {
            self.reader = reader
            self.section = section
        }

        /// The next record; nil at the end.
        mutating func next<Record>(
            _ read: (inout BinaryCoder) -> Record
        ) throws(PartError) -> Record? {
            while coder.isAtEnd {
                guard let next = try reader.block(section, from: &block) else { return nil }
                coder = BinaryCoder(reading: next)
            }
            let record = read(&coder)
            guard coder.isValid else { throw reader.damaged }
            return record
        }
    }

    /// The bytes of the next block of a section, from an index on.
    fileprivate func block(
        _ section: BlockFile.Section, from index: inout Int
    ) throws(PartError) -> [UInt8]? {
        while index < blocks.count, blocks[index].section != section { index += 1 }
        guard index < blocks.count else { return nil }
        let block = blocks[index]
        index += 1
        let compressed = try bytes(at: block.offset, count: block.compressedSize)
        guard let bytes = decompressor.decompress(compressed.span, size: block.size) else {
            throw damaged
        }
        return bytes
    }

    private func isEnd(_ offset: Int64) throws(PartError) -> Bool {
        do { return try file.bytes(at: offset, count: 1).isEmpty } catch {
            throw PartError(path, error)
        }
    }

    /// It is not as it was written.
    var damaged: PartError { .damaged(path, reason: "damaged: create it again") }

    private func bytes(at offset: Int64, count: Int) throws(PartError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try file.bytes(at: offset, count: count) } catch {
            throw PartError(path, error)
        }
        guard bytes.count == count else {
            throw .damaged(path, reason: "truncated: create it again")
        }
        return bytes
    }
}

extension UInt32 {
    fileprivate var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }

    fileprivate init(bytes: some Sequence<UInt8>) {
        self = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
