/// Unpacks a stream piece by piece.
protocol Decompressor: AnyObject {
    /// Whether the packed data may end here.
    var isComplete: Bool { get }

    /// Unpacks from the front of `input` into `room`: bytes taken of one and given to the other, both
    /// 0 only if there is nothing to do without more of either.
    func unpack(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) -> Decompressed
}

/// What one step of unpacking did. Bytes that came before damage count.
struct Decompressed {
    var taken = 0
    var given = 0
    var damage: Compression.Damage?
}
