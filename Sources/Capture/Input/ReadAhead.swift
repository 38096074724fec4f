internal import Synchronization

/// Reads a plain file's bytes before their turn, piece by piece, for several threads at once: each piece is read by the thread
/// that will walk over the frames in it.
final class ReadAhead: Sendable {
    let file: SharedDescriptor
    /// Where the first piece begins.
    private let start: Int64
    /// Bytes from there on that are in a thread's piece, or were.
    private let claimed = Atomic<Int64>(0)
    /// Bytes of the next piece.
    private let size = Atomic(FilePiece.sizes.lowerBound)
    /// Whether a piece was not whole: from there on the file is read in turn.
    private let ended = Atomic(false)

    init(_ descriptor: consuming FileDescriptor, from start: Int64) {
        file = SharedDescriptor(descriptor)
        self.start = start
    }

    /// Whether the file's end has been met.
    var hasEnded: Bool {
        get { ended.load(ordering: .relaxed) }
        set { ended.store(newValue, ordering: .relaxed) }
    }

    /// Whether the byte at an offset is in some thread's piece.
    func isClaimed(_ offset: Int64) -> Bool {
        offset < start + claimed.load(ordering: .relaxed)
    }

    /// Leaves out the bytes before an offset: they have been read in turn, for a record longer than a piece.
    func skip(to offset: Int64) { claimed.max(offset - start, ordering: .relaxed) }

    /// Makes the next piece the caller's.
    func claim() -> Range<Int64> {
        let size = Int64(size.load(ordering: .relaxed))
        let first = start + claimed.add(size, ordering: .relaxed).oldValue
        return first..<first + size
    }

    /// Has the next pieces hold about as many frames as outweigh the synchronisation.
    ///
    /// - Parameter average: bytes of a record, in the file so far.
    func choosePieceSize(average: Int) {
        let wanted = (average &* FilePiece.usualFrames).clamped(to: FilePiece.sizes)
        size.store(wanted, ordering: .relaxed)
    }
}

/// A piece of a file that a thread has read before its turn, with room before it for what is left of the piece before.
@safe
public struct FilePiece: ~Copyable {
    /// Bytes of a piece. Measured: smaller ones cost calls, several larger ones leave the second-level cache.
    static let sizes = 64 << 10...512 << 10
    /// Frames of a piece, where its size allows.
    static let usualFrames = 512
    /// Bytes that may be left of the piece before it.
    static let headroom = 16 << 10
    static let memorySize = headroom + sizes.upperBound

    /// With fewer bytes in memory, the thread of the next block reads on: most records are shorter.
    ///
    /// - Parameter average: bytes of a record, in the file so far.
    static func lowLimit(average: Int) -> Int {
        (2 &* average).clamped(to: 2 << 10...headroom)
    }

    /// Who reads the file; nil where bytes are read in turn.
    var source: ReadAhead?
    var memory: UnsafeMutableRawBufferPointer?
    /// Where its bytes are in the file; empty if it has none.
    private(set) var range: Range<Int64>?
    /// Whether the file ends in it.
    private(set) var isLast = false

    /// No piece.
    public init() {}

    deinit { unsafe memory?.deallocate() }

    /// Reads the file's next piece, if there is none yet. Another thread may use the reader meanwhile.
    public mutating func read() {
        guard let source, !source.hasEnded, range == nil, let memory = unsafe memory else { return }
        let claimed = source.claim()
        let room = unsafe UnsafeMutableRawBufferPointer(
            rebasing: memory[Self.headroom...].prefix(claimed.count))
        // Trouble is met again when the file is read in turn.
        let count = unsafe source.file.descriptor.fill(room, at: claimed.lowerBound)
        range = claimed.lowerBound..<claimed.lowerBound + Int64(count)
        isLast = count < claimed.count
    }

    /// Whether it was read for an offset at which the file goes on.
    func isNext(at offset: Int64) -> Bool {
        guard let range else { return false }
        return range.contains(offset) || isLast && offset == range.upperBound
    }

    /// Gives its memory away, and the place in it of the byte at an offset.
    mutating func take(from offset: Int64) -> (UnsafeMutableRawBufferPointer, Range<Int>)? {
        guard let range, let memory = unsafe memory else { return nil }
        self.range = nil
        unsafe self.memory = nil
        let start = Self.headroom + Int(offset - range.lowerBound)
        return unsafe (memory, start..<Self.headroom + range.count)
    }

    /// Forgets bytes that were read in turn meanwhile. Where the file has grown since its end was met here, nobody has what
    /// follows: the rest is read in turn.
    mutating func forget(before offset: Int64) {
        guard let range, range.upperBound <= offset, !isNext(at: offset) else { return }
        if isLast { source?.hasEnded = true }
        self.range = nil
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
