/// The memory of frames that outlive the next one: a reader that is given it fills a piece once, leaves it, and
/// goes on in another. A piece is used again when whoever looks at its frames is done and gives it back.
///
/// Not for concurrent use: it belongs to whoever reads.
public final class FrameMemory {
    /// Pieces that the reader has left.
    public struct Pieces: Sendable {
        fileprivate var pieces: [Piece] = []

        /// None.
        public init() {}
    }

    /// A piece of memory, which nobody looks after but who has it.
    @safe
    fileprivate struct Piece: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer
        var count: Int { unsafe bytes.count }
        func free() { unsafe bytes.deallocate() }
    }

    /// Pieces of other sizes are not used again.
    private static let size = 256 << 10

    private var spare: [Piece] = []
    private var left = Pieces()
    /// Where copies are made, and how much of it is used.
    private var copies: Piece?
    private var copied = 0

    /// Makes an empty memory.
    public init() {}

    deinit {
        for piece in spare + left.pieces { piece.free() }
        copies?.free()
    }

    /// What was left since the last call. Frames that were handed out before may lie in it, and in what is
    /// left later.
    public func takeLeft() -> Pieces {
        defer { left = Pieces() }
        return left
    }

    /// Takes pieces back, at whose frames nobody looks any more.
    public func giveBack(_ pieces: Pieces) {
        for piece in pieces.pieces {
            if piece.count == FrameMemory.size {
                spare.append(piece)
            } else {
                piece.free()
            }
        }
    }

    /// A piece to be filled.
    func take(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
        if byteCount == FrameMemory.size, let piece = spare.popLast() { return unsafe piece.bytes }
        return .allocate(byteCount: byteCount, alignment: 16)
    }

    /// Leaves a piece as it is.
    func leave(_ bytes: UnsafeMutableRawBufferPointer) {
        left.pieces.append(unsafe Piece(bytes: bytes))
    }

    /// Copies bytes that would not stay.
    func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        if copied + bytes.count > copies?.count ?? 0 {
            if let copies { unsafe leave(copies.bytes) }
            copies = unsafe Piece(bytes: take(max(bytes.count, FrameMemory.size)))
            copied = 0
        }
        let piece = unsafe copies.unsafelyUnwrapped.bytes
        let target = unsafe piece.baseAddress.unsafelyUnwrapped + copied
        if let source = bytes.baseAddress {
            unsafe target.copyMemory(from: source, byteCount: bytes.count)
        }
        copied += bytes.count
        return UnsafeRawPointer(target)
    }
}
