internal import Synchronization

/// Reads a plain file's bytes before their turn, piece by piece, for several threads at once: each piece is read by the thread
/// that will walk over the frames in it.
final class ReadAhead: Sendable {
    private let descriptor: FileDescriptor
    /// Where the first piece begins.
    private let start: Int64
    /// Pieces that are, or were, a thread's.
    private let claimed = Atomic<Int64>(0)
    /// Whether a piece was not whole: from there on the file is read in turn.
    private let ended = Atomic(false)

    init(_ descriptor: consuming FileDescriptor, from start: Int64) {
        self.descriptor = descriptor
        self.start = start
    }

    /// Whether the file's end has been met.
    var hasEnded: Bool {
        get { ended.load(ordering: .relaxed) }
        set { ended.store(newValue, ordering: .relaxed) }
    }

    /// Whether the byte at an offset is in some thread's piece.
    func isClaimed(_ offset: Int64) -> Bool {
        offset < start + claimed.load(ordering: .relaxed) * Int64(FilePiece.size)
    }

    /// Leaves out the pieces before an offset: what was in them has been read in turn, for a record longer than a piece.
    func skip(to offset: Int64) {
        claimed.max((offset - start) / Int64(FilePiece.size), ordering: .relaxed)
    }

    /// Makes the next piece the caller's; returns the offset at which it begins.
    func claim() -> Int64 {
        start + claimed.add(1, ordering: .relaxed).oldValue * Int64(FilePiece.size)
    }

    /// Reads until the room is full. Returns the bytes that there are: fewer at the end, and where trouble is, which is met
    /// again when the file is read in turn.
    func read(into room: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
        unsafe descriptor.fill(room, at: offset)
    }
}

/// A piece of a file that a thread has read before its turn, with room before it for what is left of the piece before.
@safe
public struct FilePiece: ~Copyable {
    /// Bytes of a piece.
    static let size = 64 << 10
    /// Most records are shorter.
    static let headroom = 2 << 10
    static let memorySize = headroom + size

    /// Who reads the file; nil where bytes are read in turn.
    var source: ReadAhead?
    var memory: UnsafeMutableRawBufferPointer?
    /// Where its bytes are in the file; empty if it has none.
    private(set) var range: Range<Int64>?

    /// No piece.
    public init() {}

    deinit { unsafe memory?.deallocate() }

    /// Reads the file's next piece, if there is none yet. Another thread may use the reader meanwhile.
    public mutating func read() {
        guard let source, !source.hasEnded, range == nil, let memory = unsafe memory else { return }
        let offset = source.claim()
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[Self.headroom...])
        range = offset..<offset + Int64(unsafe source.read(into: room, at: offset))
    }

    /// Whether it was read for an offset at which the file goes on.
    func isNext(at offset: Int64) -> Bool {
        guard let range else { return false }
        return range.contains(offset) || isLast && offset == range.upperBound
    }

    /// Whether the file ends in it.
    var isLast: Bool { range.map { $0.count < Self.size } ?? false }

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
