public import Wire

/// Where the reader is in one file, and what it must know to take the next record of classic pcap.
///
/// It is copied in and out when the reader turns from one file to another; everything else about a
/// file stays in its `CaptureFile`.
@unsafe
@usableFromInline
struct Walk {
    /// The bytes not walked over yet.
    @usableFromInline var window: Window
    /// The size of a record's header if the file's records can be taken the short way, else
    /// `Int.max`, so that one comparison refuses both a short window and another format.
    @usableFromInline var shortHeaderSize = Int.max
    /// Whether the file's byte order is not this machine's.
    @usableFromInline var isSwapped = false
    /// Nanoseconds per unit of a record's fraction of a second.
    @usableFromInline var fractionUnit: Int64 = 1
    /// The highest sensible fraction of a second.
    @usableFromInline var fractionLimit: UInt32 = 999_999_999
    /// The longest captured length that needs no second look.
    @usableFromInline var captureLimit: UInt32 = 0
    /// The file's link type.
    @usableFromInline var linkType = LinkType.ethernet
    /// The file's index in the list.
    @usableFromInline let file: UInt16
    /// Records walked over so far.
    @usableFromInline var number: UInt64 = 0
    /// The last time for which no other file has an earlier frame, in nanoseconds.
    @usableFromInline var horizon = Int64.max

    /// A walk that finds nothing.
    init(file: UInt16) {
        unsafe window = .empty
        unsafe self.file = file
    }

    /// The time in the header of the classic record at the window's position. A fraction beyond its
    /// second is clamped; seconds are unsigned, and so last until 2106.
    @inlinable
    var classicTimestamp: Timestamp {
        let seconds = unsafe Int64(window.word(0, swapped: isSwapped))
        let fraction = unsafe min(window.word(4, swapped: isSwapped), fractionLimit)
        return unsafe Timestamp(
            nanoseconds: seconds &* 1_000_000_000 &+ Int64(fraction) &* fractionUnit)
    }
}
