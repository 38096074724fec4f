internal import CPcap
public import Wire

/// Where the reader is in one file, and what it must know to take the next record.
///
/// It is copied in and out when the reader turns from one file to another; everything else about a
/// file stays in its `CaptureFile`.
@unsafe
@usableFromInline
struct FileCursor {
    /// How the records lie in the file.
    enum Format {
        case classic
        case blocks
        /// Not at all: libpcap has the file, or nobody.
        case none
    }

    /// The bytes not walked over yet.
    @usableFromInline var window: ByteWindow
    /// The size of a classic record's header if `CaptureReader.next` may take the file's records, else `Int.max`: so
    /// one comparison refuses a short window, another format, another byte order and a filter.
    @usableFromInline var shortHeaderSize = Int.max
    /// Whether the file's byte order, or the section's, is not this machine's.
    @usableFromInline var isSwapped = false
    /// The last time for which no other file has an earlier frame, in nanoseconds.
    @usableFromInline var mergeLimit = Int64.max
    /// With fewer bytes in the window, a ``FrameBlock`` ends, and the next one reads on; 0 where there are no more.
    @usableFromInline var lowLimit = 0
    /// Records walked over so far.
    @usableFromInline var number: UInt64 = 0
    /// Records that a filter has skipped.
    var skipped: UInt64 = 0
    /// Classic: nanoseconds per unit of the fraction of a second.
    @usableFromInline var fractionUnit: Int64 = 1
    /// Classic: the longest captured length that needs no second look.
    @usableFromInline var captureLimit: UInt32 = 0
    /// Classic: the file's link type.
    @usableFromInline var linkType = LinkType.ethernet
    /// The file's index in the list.
    @usableFromInline let file: UInt16

    var format = Format.none
    /// Classic: the size of a record's header in bytes.
    var recordHeaderSize = Int.max
    /// Classic: the filter's program, if there is one.
    var program: UnsafePointer<bpf_program>?
    /// Blocks: the section's interfaces.
    var rows: UnsafePointer<Section.Row>?
    var rowCount: UInt32 = 0

    /// A walk that finds nothing.
    init(file: UInt16) {
        unsafe window = .empty
        unsafe self.file = file
    }

    /// Makes the walk find nothing from now on; its buffer may go.
    mutating func end() {
        unsafe window = .empty
        unsafe shortHeaderSize = .max
        unsafe format = .none
    }

    /// The time in the header of the classic record at the window's position. A fraction beyond its
    /// second is clamped; seconds are unsigned, and so last until 2106.
    @inlinable
    var classicTimestamp: Timestamp { unsafe classicTimestamp(swapped: isSwapped) }

    /// The same in a byte order.
    @inlinable @inline(__always)
    func classicTimestamp(swapped: Bool) -> Timestamp {
        let seconds = unsafe Int64(window.word(0, swapped: swapped))
        let fraction = unsafe Int64(window.word(4, swapped: swapped)) &* fractionUnit
        return Timestamp(nanoseconds: seconds &* 1_000_000_000 &+ min(fraction, 999_999_999))
    }

    /// The next record, if it is one of classic pcap that lies whole in the window and is of plausible length, and no other
    /// file has an earlier one. Otherwise changes nothing.
    @inlinable @inline(__always)
    mutating func takePlainRecord() -> PlainRecord? {
        let room = unsafe window.count &- shortHeaderSize
        guard room >= 0 else { return nil }
        let captured = unsafe window.word(8, swapped: false)
        let timestamp = unsafe classicTimestamp(swapped: false)
        guard unsafe captured <= captureLimit, Int(captured) <= room,
            unsafe timestamp.nanoseconds <= mergeLimit
        else { return nil }
        let wireLength = unsafe window.word(12, swapped: false)
        let start = unsafe window.position + shortHeaderSize
        unsafe window.position = start + Int(captured)
        unsafe number &+= 1
        return unsafe PlainRecord(
            bytes: start.assumingMemoryBound(to: UInt8.self), capturedLength: captured,
            wireLength: wireLength, timestamp: timestamp)
    }

    /// What a record of classic pcap says.
    @unsafe
    @frozen
    @usableFromInline
    struct PlainRecord {
        @usableFromInline let bytes: UnsafePointer<UInt8>
        @usableFromInline let capturedLength: UInt32
        @usableFromInline let wireLength: UInt32
        @usableFromInline let timestamp: Timestamp

        @inlinable @inline(__always)
        init(
            bytes: UnsafePointer<UInt8>, capturedLength: UInt32, wireLength: UInt32,
            timestamp: Timestamp
        ) {
            unsafe self.bytes = unsafe bytes
            unsafe self.capturedLength = capturedLength
            unsafe self.wireLength = wireLength
            unsafe self.timestamp = timestamp
        }
    }
}
