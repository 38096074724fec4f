/// Frames that stay when their reader goes on, so that a thread can look at them later.
///
///     reader.keepFrames(readingAhead: true)
///     piece.read()
///     if block.begin(&reader, &piece) {
///         block.appendPlainFrames(of: &reader)
///         while !block.isFull(reader), let frame = reader.next() {
///             block.append(frame)
///             if reader.keepsMuch { /* look at all frames */ block.dropBytes(&reader) }
///         }
///         block.end(&reader, &piece)
///     }
///
/// No byte is copied: where a reader takes its memory for other bytes otherwise, it leaves it to the block and goes on in other
/// memory. Such a frame is valid until this block *and* all that were filled before it are begun anew. Frames that are not
/// in memory of the reader are valid until its next one only: see ``CaptureReader/isLastFrameKept``.
@safe
public struct FrameBlock: ~Copyable {
    /// A frame, in 56 bytes.
    @unsafe
    @usableFromInline
    struct Record {
        @usableFromInline let header: FrameHeader
        /// Nil for a frame without bytes.
        @usableFromInline let bytes: UnsafePointer<UInt8>?
        @usableFromInline let capturedLength: UInt32

        @inlinable @inline(__always)
        init(_ frame: borrowing Frame) {
            unsafe header = FrameHeader(frame)
            unsafe bytes = frame.bytes.withUnsafeBufferPointer { $0.baseAddress }
            // A capture file has 32 bits for it.
            unsafe capturedLength = UInt32(truncatingIfNeeded: frame.bytes.count)
        }

        /// Without its bytes.
        init(dropping record: borrowing Record) {
            unsafe header = record.header
            unsafe bytes = nil
            unsafe capturedLength = 0
        }

        @inlinable @inline(__always)
        init(_ record: FileCursor.PlainRecord, of cursor: borrowing FileCursor) {
            unsafe header = FrameHeader(record, of: cursor)
            unsafe bytes = record.bytes
            unsafe capturedLength = record.capturedLength
        }
    }

    /// How many frames it has.
    @inlinable public var count: Int { recordCount }
    @usableFromInline let capacity: Int
    @usableFromInline var records: UnsafeMutablePointer<Record>
    @usableFromInline var recordCount = 0
    /// Memory that the reader has left to it.
    private var memory = unsafe [UnsafeMutableRawBufferPointer]()

    /// An empty block for so many frames.
    public init(capacity: Int) {
        self.capacity = capacity
        unsafe records = .allocate(capacity: capacity)
    }

    deinit {
        unsafe records.deallocate()
        unsafe memory.forEach { unsafe $0.deallocate() }
    }

    /// Forgets all frames, and has the reader read on if it has few bytes. Memory that the frames lie in goes back to the reader.
    ///
    /// - Parameter piece: the caller's thread's.
    /// - Returns: whether the reader can go on; not where another thread has read the bytes that come next.
    public mutating func begin(_ reader: inout CaptureReader, _ piece: inout FilePiece) -> Bool {
        unsafe memory.forEach { unsafe reader.bufferMemory.recycle($0) }
        unsafe memory.removeAll(keepingCapacity: true)
        recordCount = 0
        reader.bufferMemory.beginBlock()
        return reader.readOn(&piece)
    }

    /// Whether it has as many as it can take, or the thread of the next block had better go on: where the reader has few bytes
    /// left in memory, or the frames keep much. Without reading ahead, it has as many as it can take.
    @inlinable @inline(__always)
    public func isFull(_ reader: borrowing CaptureReader) -> Bool {
        count == capacity || count > 0 && (reader.isLow || reader.readsAhead && reader.keepsMuch)
    }

    /// Adds the frame that its reader gave last. The block must not be full.
    @inlinable @inline(__always)
    public mutating func append(_ frame: borrowing Frame) {
        precondition(recordCount < capacity)
        unsafe (records + recordCount).initialize(to: Record(frame))
        recordCount &+= 1
    }

    /// Adds the reader's next frames for as long as they are of the usual kind and the block is not full: what `next()` and
    /// ``append(_:)`` do with one, with many. They stay when the reader goes on.
    @inlinable
    public mutating func appendPlainFrames(of reader: inout CaptureReader) {
        var cursor = unsafe reader.cursor
        var count = recordCount
        while count < capacity, unsafe count == 0 || cursor.window.count >= cursor.lowLimit,
            let record = unsafe cursor.takePlainRecord()
        {
            unsafe (records + count).initialize(to: Record(record, of: cursor))
            count &+= 1
        }
        recordCount = count
        unsafe reader.cursor.window.position = cursor.window.position
        unsafe reader.cursor.number = cursor.number
    }

    /// Forgets the bytes of the frames so far: those that lie in memory that the reader has moved away from need no more of
    /// it. O(n) of the frames that it has.
    public mutating func dropBytes(_ reader: inout CaptureReader) {
        for index in 0..<recordCount {
            unsafe records[index] = unsafe Record(dropping: records[index])
        }
        reader.bufferMemory.recycleOwn()
    }

    /// Takes over the memory that the reader has moved away from, and gives the thread's piece other memory.
    public mutating func end(_ reader: inout CaptureReader, _ piece: inout FilePiece) {
        unsafe memory = reader.bufferMemory.takeRetired()
        reader.prepare(&piece)
    }

    /// The frame at a place, from 0.
    @inlinable
    public subscript(index: Int) -> Frame {
        @_lifetime(borrow self)
        get {
            let header = header(index)
            let frame = Frame(
                bytes: bytes(index), wireLength: header.wireLength, timestamp: header.timestamp,
                linkType: header.linkType, interface: header.interface, file: header.file,
                number: header.number)
            return unsafe _overrideLifetime(frame, borrowing: self)
        }
    }

    // The same in its parts, for loops over all frames: it costs less than a frame.

    /// The captured bytes of a frame: see ``Frame/bytes``.
    @inlinable @inline(__always)
    @_lifetime(borrow self)
    public func bytes(_ index: Int) -> Span<UInt8> {
        let record = unsafe record(index)
        let bytes = unsafe Span<UInt8>(
            _unsafeElements: UnsafeBufferPointer(
                start: record.bytes, count: Int(record.capturedLength)))
        return unsafe _overrideLifetime(bytes, borrowing: self)
    }

    /// What the capture says of a frame.
    @inlinable @inline(__always)
    public func header(_ index: Int) -> FrameHeader { unsafe record(index).header }

    @inlinable @inline(__always)
    func record(_ index: Int) -> Record {
        precondition(index >= 0 && index < recordCount)
        return unsafe records[index]
    }
}

extension CaptureReader {
    /// Lets frames stay for ``FrameBlock``s.
    ///
    /// - Parameters:
    ///   - readingAhead: whether blocks may end where the reader has few bytes left, so that each thread reads the bytes that it
    ///     looks at; else they end when they are full. To be said before the first frame.
    ///   - threads: how many threads look at frames: so many may unpack parts of packed files at once.
    public mutating func keepFrames(readingAhead: Bool, threads: Int = 1) {
        bufferMemory.keepsFrames = true
        // What is unpacked ahead of its turn is in memory.
        bufferMemory.threads = max(1, threads / max(1, files.count))
        readsAhead = readingAhead
        openShortWay()
    }

    /// Whether the frames of a ``FrameBlock`` keep more memory than a block should: a filter skips much between them, or
    /// they are long. See ``FrameBlock/dropBytes(_:)``.
    public var keepsMuch: Bool { bufferMemory.keepsMuch }

    @inlinable var isLow: Bool { unsafe cursor.window.count < cursor.lowLimit }

    /// Lets a thread read its next piece.
    fileprivate mutating func prepare(_ piece: inout FilePiece) {
        piece.source = readAhead
        guard readAhead != nil, unsafe piece.memory == nil else { return }
        unsafe piece.memory = bufferMemory.allocate(FilePiece.memorySize)
    }

    /// Has more bytes in memory where there are few, if there are more; returns whether it is the caller's turn.
    fileprivate mutating func readOn(_ piece: inout FilePiece) -> Bool {
        guard let current, unsafe cursor.lowLimit > 0 else { return true }
        let file = files[current]
        let offset = file.buffer?.endOffset
        let average = unsafe Int(offset ?? 0) / Int(max(1, cursor.number))
        unsafe cursor.lowLimit = FilePiece.lowLimit(average: average)
        defer { bufferMemory.readsPieces = readAhead.map { !$0.hasEnded } ?? false }
        // Of long records, a buffer that is filled whole may never have few bytes left.
        let areLong = unsafe cursor.number > 0 && average > FilePiece.headroom / 2
        if readAhead == nil, isLow || areLong, files.count == 1, sorter == nil {
            readAhead = file.buffer?.readAhead()
        }
        guard isLow else { return true }
        let hasMore: Bool
        if let offset { piece.forget(before: offset) }
        if let readAhead, !readAhead.hasEnded, let offset {
            if !piece.isNext(at: offset) {
                if readAhead.isClaimed(offset) { return false }
                readAhead.skip(to: offset)
                prepare(&piece)
                piece.read()
                // Meanwhile another thread may have made it its own.
                if !piece.isNext(at: offset) { return false }
            }
            readAhead.choosePieceSize(average: average)
            let isLast = piece.isLast
            let isRead =
                unsafe file.buffer?.goOn(in: &piece, &cursor.window, given: file.given(cursor))
                ?? false
            hasMore = isRead && !isLast
            if !hasMore { readAhead.hasEnded = true }
        } else {
            hasMore =
                unsafe file.buffer?.readOn(&cursor.window, given: file.given(cursor)) ?? false
        }
        if !hasMore { unsafe cursor.lowLimit = 0 }
        return true
    }
}
