/// A packed file's bytes between the descriptor and what unpacks them.
@safe
final class CompressedInput {
    private static let size = 256 << 10

    let compression: Compression
    private let decompressor: any Decompressor
    /// Whether the file never waits, so that it is read before all that is held has been unpacked: most blocks are whole
    /// in memory then, and libzstd need not copy them together.
    private let readsAhead: Bool
    private let memory: UnsafeMutableRawBufferPointer
    private var held = 0..<0
    private var hasEnded = false
    /// What ended the unpacking; bytes that came before it have been given.
    private var damage: Compression.Damage?

    init(_ compression: Compression, readsAhead: Bool) throws(Compression.Damage) {
        self.readsAhead = readsAhead
        decompressor = try compression.decompressor()
        self.compression = compression
        unsafe memory = .allocate(byteCount: Self.size, alignment: 16)
    }

    deinit { unsafe memory.deallocate() }

    /// Packed bytes that have been read and not unpacked.
    var unreadCount: Int { held.count }

    /// Whether what comes next can be unpacked by itself.
    var isBetweenUnits: Bool { decompressor.isComplete }

    /// Leaves what has been read and not unpacked to be read again.
    func forgetHeld() {
        held = 0..<0
        hasEnded = false
    }

    /// Takes what has been read of the file already.
    func begin(with bytes: UnsafeRawBufferPointer) {
        unsafe memory.copyMemory(from: bytes)
        held = 0..<bytes.count
    }

    /// Unpacks some bytes, for which `read` reads the file; 0 at the end.
    ///
    /// - Parameter pausing: whether to stop where what comes next can be unpacked by itself; then nil is returned.
    func unpack(
        into room: UnsafeMutableRawBufferPointer, pausing: Bool = false,
        _ read: (UnsafeMutableRawBufferPointer) throws(FileError) -> Int
    ) throws(FileError) -> Int? {
        while true {
            if let damage { throw .packed(compression, damage) }
            if !hasEnded {
                if held.isEmpty {
                    try unsafe refill(read)
                } else if readsAhead && held.count < Self.size / 2 {
                    // What fails is read again when nothing is held.
                    try? unsafe refill(read)
                }
            }
            let step = unsafe decompressor.unpack(
                UnsafeRawBufferPointer(rebasing: memory[held]), into: room)
            held = (held.lowerBound + step.taken)..<held.upperBound
            damage = step.damage
            if step.given > 0 { return step.given }
            if pausing, step.taken > 0, damage == nil, isBetweenUnits { return nil }
            if damage != nil || step.taken > 0 || (held.isEmpty && !hasEnded) { continue }
            if held.isEmpty && decompressor.isComplete { return 0 }
            damage = held.isEmpty ? .cut : .corrupt
        }
    }

    /// Moves what is held to the front, and reads behind it.
    private func refill(
        _ read: (UnsafeMutableRawBufferPointer) throws(FileError) -> Int
    ) throws(FileError) {
        unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[held]))
        held = 0..<held.count
        let count = try unsafe read(UnsafeMutableRawBufferPointer(rebasing: memory[held.count...]))
        held = 0..<(held.count + count)
        hasEnded = count == 0
    }
}
