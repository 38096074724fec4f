/// A packed file's bytes between the descriptor and what unpacks them.
@safe
final class CompressedInput {
    private static let size = 128 << 10

    let compression: Compression
    private let decompressor: any Decompressor
    private let memory: UnsafeMutableRawBufferPointer
    private var held = 0..<0
    private var hasEnded = false
    /// What ended the unpacking; bytes that came before it have been given.
    private var damage: Compression.Damage?

    init(_ compression: Compression) throws(Compression.Damage) {
        decompressor = try compression.decompressor()
        self.compression = compression
        unsafe memory = .allocate(byteCount: Self.size, alignment: 16)
    }

    deinit { unsafe memory.deallocate() }

    /// Packed bytes that have been read and not unpacked.
    var unreadCount: Int { held.count }

    /// Takes what has been read of the file already.
    func begin(with bytes: UnsafeRawBufferPointer) {
        unsafe memory.copyMemory(from: bytes)
        held = 0..<bytes.count
    }

    /// Unpacks some bytes, for which `read` reads the file; 0 at the end.
    func unpack(
        into room: UnsafeMutableRawBufferPointer,
        _ read: (UnsafeMutableRawBufferPointer) throws(FileError) -> Int
    ) throws(FileError) -> Int {
        while true {
            if let damage { throw .packed(compression, damage) }
            if held.isEmpty && !hasEnded {
                held = 0..<(try unsafe read(memory))
                hasEnded = held.isEmpty
            }
            let step = unsafe decompressor.unpack(
                UnsafeRawBufferPointer(rebasing: memory[held]), into: room)
            held = (held.lowerBound + step.taken)..<held.upperBound
            damage = step.damage
            if step.given > 0 { return step.given }
            if damage != nil || step.taken > 0 || (held.isEmpty && !hasEnded) { continue }
            if held.isEmpty && decompressor.isComplete { return 0 }
            damage = held.isEmpty ? .cut : .corrupt
        }
    }
}
