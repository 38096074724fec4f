public import Wire

/// Frames that stay when their reader goes on, so that a thread can look at them later.
///
///     reader.keepsFrames = true
///     block.begin(&reader)
///     while !block.isFull(reader), let frame = reader.next() { block.append(frame) }
///     block.end(&reader)
///
/// No byte is copied: where a reader takes its memory for other bytes otherwise, it leaves it to the block and goes on in other
/// memory. Such a frame is valid until this block *and* all that were filled before it are begun anew. Frames that are not
/// in memory of the reader are valid until its next one only: see ``CaptureReader/isLastFrameKept``.
@safe
public struct FrameBlock: ~Copyable {
    /// A frame, in 48 bytes.
    @unsafe
    @usableFromInline
    struct Record {
        /// Nil for a frame without bytes.
        @usableFromInline let bytes: UnsafePointer<UInt8>?
        @usableFromInline let timestamp: Timestamp
        @usableFromInline let number: UInt64
        @usableFromInline let capturedLength: UInt32
        @usableFromInline let wireLength: UInt32
        @usableFromInline let linkType: LinkType
        @usableFromInline let interface: UInt32
        @usableFromInline let file: UInt16

        @inlinable @inline(__always)
        init(_ frame: borrowing Frame) {
            unsafe bytes = frame.bytes.withUnsafeBufferPointer { $0.baseAddress }
            unsafe timestamp = frame.timestamp
            unsafe number = frame.number
            // A capture file has 32 bits for either.
            unsafe capturedLength = UInt32(truncatingIfNeeded: frame.bytes.count)
            unsafe wireLength = UInt32(truncatingIfNeeded: frame.wireLength)
            unsafe linkType = frame.linkType
            unsafe interface = frame.interface
            unsafe file = frame.file
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

    /// Forgets all frames. Memory that they lie in goes back to the reader, which reads on if it has few bytes.
    public mutating func begin(_ reader: inout CaptureReader) {
        unsafe memory.forEach { unsafe reader.bufferMemory.recycle($0) }
        unsafe memory.removeAll(keepingCapacity: true)
        recordCount = 0
        reader.readOn()
    }

    /// Whether it has as many as it can take, or the reader has so few bytes in memory that the thread of the next block had
    /// better read on: it looks at them.
    @inlinable @inline(__always)
    public func isFull(_ reader: borrowing CaptureReader) -> Bool {
        count == capacity || count > 0 && reader.isLow
    }

    /// Adds the frame that its reader gave last. The block must not be full.
    @inlinable @inline(__always)
    public mutating func append(_ frame: borrowing Frame) {
        precondition(recordCount < capacity)
        unsafe (records + recordCount).initialize(to: Record(frame))
        recordCount &+= 1
    }

    /// Takes over the memory that the reader has moved away from.
    public mutating func end(_ reader: inout CaptureReader) {
        unsafe memory = reader.bufferMemory.takeRetired()
    }

    /// The frame at a place, from 0.
    @inlinable
    public subscript(index: Int) -> Frame {
        @inline(__always) @_lifetime(borrow self)
        get {
            precondition(index >= 0 && index < recordCount)
            let record = unsafe records[index]
            let bytes = unsafe Span<UInt8>(
                _unsafeElements: UnsafeBufferPointer(
                    start: record.bytes, count: Int(record.capturedLength)))
            let frame = unsafe Frame(
                bytes: bytes, wireLength: Int(record.wireLength), timestamp: record.timestamp,
                linkType: record.linkType, interface: record.interface, file: record.file,
                number: record.number)
            return unsafe _overrideLifetime(frame, borrowing: self)
        }
    }
}

extension CaptureReader {
    /// Whether frames stay for ``FrameBlock``s.
    public var keepsFrames: Bool {
        get { bufferMemory.keepsFrames }
        nonmutating set { bufferMemory.keepsFrames = newValue }
    }

    @inlinable var isLow: Bool { unsafe cursor.window.count < cursor.lowLimit }

    /// A buffer's rest that is moved to the next one: most records are shorter.
    private static var lowLimit: Int { 2 << 10 }

    fileprivate mutating func readOn() {
        guard let current, unsafe cursor.format != .none,
            unsafe cursor.window.count < Self.lowLimit
        else { return }
        let hasMore = unsafe files[current].buffer?.readOn(&cursor.window) ?? false
        unsafe cursor.lowLimit = hasMore ? Self.lowLimit : 0
    }
}
