internal import POSIX

/// Where a capture file's bytes come from: a file, a pipe or standard input, packed or not.
///
/// The readers above know nothing but ``read(into:)``. ``bytesRead`` counts bytes of the file itself,
/// for progress, whatever they unpack to. Where a regular file is followed, its end is not the end.
struct ByteSource: ~Copyable {
    private let descriptor: FileDescriptor
    private let compressed: CompressedInput?
    /// Unpacks several parts of the file at once; nil where it is unpacked in turn.
    private var unpackAhead: UnpackAhead?
    /// Whether parts were looked for.
    private var hasLookedForParts = false
    /// Bytes that were read to see whether the file is packed, and have not been handed out.
    private var peeked: [UInt8] = []
    /// How the file is packed.
    let compression: Compression?
    /// The size in bytes; `nil` for a pipe.
    let size: Int64?
    /// Whether it is a regular file that is read from its first byte: standard input may have an offset.
    private let beginsAtStart: Bool
    /// Bytes taken from the file so far.
    private(set) var bytesRead: Int64 = 0
    /// Whether to wait for more, at the end of a regular file or in a pipe; `nil` where nobody asks.
    private let follow: CaptureReader.Follow?
    /// Whether following ended: what seems cut was still being written.
    private(set) var hasLeft = false

    /// Opens a path; `-` is standard input.
    init(path: String, follow: CaptureReader.Follow? = nil) throws(FileError) {
        let opened = try Self.open(path)
        let size: Int64?
        switch opened.shape {
        case .regular(let count): size = count
        case .stream: size = nil
        case .directory: throw .directory
        }
        let isFollowed = size == nil || follow?.includesFiles == true
        let first = try Self.first(of: opened, isRegular: size != nil, isFollowed ? follow : nil)
        compressed = try Self.compressedInput(first, readsAhead: !isFollowed)
        compression = compressed?.compression
        beginsAtStart = size != nil && (try? opened.offset) == 0
        descriptor = opened
        self.follow = isFollowed ? follow : nil
        self.size = size
        // What a pipe gave does not come again.
        if size != nil { return }
        bytesRead = Int64(first.count)
        if let compressed {
            unsafe first.withUnsafeBytes { unsafe compressed.begin(with: $0) }
        } else {
            peeked = first
        }
    }

    private static func compressedInput(
        _ first: [UInt8], readsAhead: Bool
    ) throws(FileError) -> CompressedInput? {
        guard let compression = Compression(first) else { return nil }
        do { return try CompressedInput(compression, readsAhead: readsAhead) } catch {
            throw .packed(compression, error)
        }
    }

    private static func open(_ path: String) throws(FileError) -> FileDescriptor {
        do {
            return path == "-"
                ? try FileDescriptor(standardInput: ()) : try FileDescriptor(opening: path)
        } catch {
            throw .cannotOpen(errorNumber: error.code)
        }
    }

    /// The first four bytes, or all that there are.
    private static func first(
        of descriptor: borrowing FileDescriptor, isRegular: Bool, _ follow: CaptureReader.Follow?
    ) throws(FileError) -> [UInt8] {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 4)
        defer { unsafe room.deallocate() }
        var count = 0
        do {
            while count < room.count {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...])
                let more =
                    isRegular
                    ? try unsafe descriptor.peek(into: rest)
                    : try unsafe descriptor.read(into: rest)
                count = isRegular ? more : count + more
                if isRegular && more < room.count, let follow, follow.goesOn() {
                    count = 0
                    pause()
                } else if more == 0 || isRegular {
                    break
                }
            }
        } catch {
            throw .cannotRead(errorNumber: error.code)
        }
        return unsafe Array(room.prefix(count))
    }

    /// The byte of the file up to which it has been unpacked.
    var compressedOffset: Int64 { bytesRead &- Int64(compressed?.unreadCount ?? 0) }

    /// Reads what is there; 0 at the end.
    ///
    /// - Parameter threads: how many may unpack parts of a packed file at once, where it has parts.
    mutating func read(
        into room: UnsafeMutableRawBufferPointer, threads: Int = 1
    ) throws(FileError) -> Int {
        if !peeked.isEmpty {
            let count = min(peeked.count, room.count)
            unsafe room.copyBytes(from: peeked.prefix(count))
            peeked.removeFirst(count)
            return count
        }
        guard let compressed else { return try unsafe readFile(into: room) }
        let mayHaveParts = threads > 1 && beginsAtStart && follow == nil
        while true {
            if mayHaveParts, !hasLookedForParts, compressed.isBetweenUnits {
                lookForParts(compressed, threads)
            }
            if let unpackAhead {
                let count = unsafe unpackAhead.read(into: room)
                bytesRead = unpackAhead.offset
                if count > 0 { return count }
                try goOnInTurn()
            }
            let count = try unsafe compressed.unpack(
                into: room, pausing: mayHaveParts && !hasLookedForParts
            ) { (memory) throws(FileError) in
                try unsafe readFile(into: memory)
            }
            if let count { return count }
        }
    }

    private mutating func lookForParts(_ compressed: CompressedInput, _ threads: Int) {
        hasLookedForParts = true
        let offset = compressedOffset
        unpackAhead = UnpackAhead(
            compressed.compression, descriptor, from: offset, threads: threads)
        guard unpackAhead != nil else { return }
        compressed.forgetHeld()
        bytesRead = offset
    }

    private mutating func goOnInTurn() throws(FileError) {
        do { try skip(to: bytesRead) } catch { throw .cannotRead(errorNumber: error.code) }
        unpackAhead = nil
    }

    private mutating func readFile(
        into room: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        do {
            if size == nil, let follow {
                var waitLimit: Int32 = 0
                while !descriptor.hasMore(within: waitLimit) {
                    hasLeft = !follow.goesOn()
                    if hasLeft { return 0 }
                    waitLimit = 100
                }
            }
            var count = try unsafe descriptor.read(into: room)
            while count == 0, size != nil, let follow {
                hasLeft = !follow.goesOn()
                if hasLeft { break }
                pause()
                count = try unsafe descriptor.read(into: room)
            }
            bytesRead &+= Int64(count)
            return count
        } catch {
            throw .cannotRead(errorNumber: error.code)
        }
    }

    /// Whether a stdio stream may read the file itself.
    var isPlain: Bool { compressed == nil && size != nil && follow == nil }

    /// Who reads a plain file's bytes before their turn; nil for any other.
    func readAhead(from offset: Int64) -> ReadAhead? {
        guard isPlain, beginsAtStart, let copy = try? FileDescriptor(copying: descriptor) else {
            return nil
        }
        return ReadAhead(copy, from: offset)
    }

    /// Goes on at an offset of a file.
    mutating func skip(to offset: Int64) throws(SystemError) {
        try descriptor.seek(to: offset)
        bytesRead = offset
    }

    /// Makes a stdio stream of a plain file, which outlives the source.
    func stream() throws(SystemError) -> StandardStream {
        try unsafe descriptor.stream()
    }
}
