/// A window on a file's bytes that slides forward: large reads into one buffer, used again and again.
///
/// It grows only for a record that does not fit, and then no further than twice the bytes that the
/// file really had, whatever the record claims.
///
/// Why no mapping: where a file holds headers only, mapping it saves some 2 ns a frame; where it
/// holds payload, reading is twice as fast or more; and reading works on pipes, keeps memory small,
/// and survives a file that shrinks meanwhile.
@safe
struct ReadBuffer: ~Copyable {
    private static let firstSize = 64 << 10

    private var source: ByteSource
    private let owner: BufferMemory
    private var memory: UnsafeMutableRawBufferPointer
    /// The block that was the current one when `memory` became the buffer's: see ``BufferMemory``.
    private var block: Int
    /// How many frames the file had given by then: if it has given none since, none lies in it.
    private var given: UInt64 = 0
    /// The number of bytes of the file before the end of what `memory` holds.
    private(set) var endOffset: Int64 = 0

    /// - Parameter owner: has the memory; no other thread uses it meanwhile.
    init(_ source: consuming ByteSource, _ owner: BufferMemory = BufferMemory()) {
        self.source = source
        self.owner = owner
        unsafe memory = owner.allocate(Self.firstSize)
        block = owner.block
    }

    deinit { unsafe owner.retire(memory, since: block) }

    /// Bytes taken from the file so far.
    var bytesRead: Int64 { source.bytesRead }
    /// Whether the file was followed and is no more: what seems cut was still being written.
    var hasLeft: Bool { source.hasLeft }
    /// How the file is packed.
    var compression: Compression? { source.compression }
    /// The byte of the file up to which it has been unpacked.
    var compressedOffset: Int64 { source.compressedOffset }

    /// Slides the window until it holds `count` bytes, or as many as the file has.
    ///
    /// Pointers into the window are void afterwards. Returns the bytes that it holds.
    ///
    /// - Parameter given: how many frames the file has given so far.
    mutating func fill(
        _ window: inout ByteWindow, _ count: Int, given: UInt64
    ) throws(FileError) -> Int {
        guard unsafe window.count < count else { return unsafe window.count }
        // The first buffer is small, for the many files that are; the next has the proper size.
        let isFirst = unsafe memory.count < owner.bufferSize
        let size = unsafe isFirst && endOffset > 0 ? owner.bufferSize : memory.count
        unsafe hold(size, &window, given)
        while unsafe window.count < count {
            if unsafe window.count == memory.count {
                unsafe hold(memory.count &* 2, &window, given)
            }
            let end = unsafe owner.readsPieces ? min(count, memory.count) : memory.count
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[window.count..<end])
            let read = try unsafe source.read(into: room, threads: owner.threads)
            if read == 0 { break }
            unsafe window.end += read
            endOffset &+= Int64(read)
        }
        return unsafe window.count
    }

    /// Reads on before all is walked over; returns whether the file has more. What it cannot read is found again when it is
    /// needed.
    mutating func readOn(_ window: inout ByteWindow, given: UInt64) -> Bool {
        let count = unsafe window.count
        return (try? unsafe fill(&window, count + 1, given: given)) ?? 0 > count
    }

    /// Who may read the file's next bytes before their turn; nil where it is no plain file.
    func readAhead() -> ReadAhead? { source.readAhead(from: endOffset) }

    /// Goes on in a piece that was read before its turn; what the window holds, which must fit, is put in front of it. Returns
    /// whether it could.
    mutating func goOn(
        in piece: inout FilePiece, _ window: inout ByteWindow, given: UInt64
    ) -> Bool {
        guard let (next, place) = unsafe piece.take(from: endOffset) else { return false }
        let end = endOffset &+ Int64(place.count)
        do { try source.skip(to: end) } catch {
            unsafe next.deallocate()
            return false
        }
        let start = unsafe next.baseAddress.unsafelyUnwrapped
        let count = unsafe window.count
        let front = unsafe start + place.lowerBound - count
        unsafe front.copyMemory(from: window.position, byteCount: count)
        unsafe window = ByteWindow(position: front, end: start + place.upperBound)
        let old = unsafe memory
        unsafe memory = next
        unsafe leave(old, given)
        endOffset = end
        return true
    }

    /// Moves what the window holds to the front of the memory, which is exchanged where its size
    /// differs, or frames stay in it.
    private mutating func hold(_ size: Int, _ window: inout ByteWindow, _ given: UInt64) {
        let old = unsafe memory
        let isExchanged = size != old.count || owner.keepsFrames && given != self.given
        if isExchanged { unsafe memory = owner.allocate(size) }
        let start = unsafe memory.baseAddress.unsafelyUnwrapped
        let count = unsafe window.count
        unsafe start.copyMemory(from: window.position, byteCount: count)
        unsafe window = ByteWindow(position: start, end: start + count)
        if isExchanged { unsafe leave(old, given) }
    }

    /// Gives memory back that is the buffer's no longer.
    private mutating func leave(_ old: UnsafeMutableRawBufferPointer, _ given: UInt64) {
        if given == self.given {
            unsafe owner.recycle(old)
        } else {
            unsafe owner.retire(old, since: block)
        }
        block = owner.block
        self.given = given
    }
}
