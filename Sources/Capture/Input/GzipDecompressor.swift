internal import CZlib

/// gzip by zlib. Members may follow each other, and zeros the last one, as on tapes.
@safe
final class GzipDecompressor: Decompressor {
    /// zlib keeps a pointer to it, so it has a place of its own.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isComplete = false

    /// The corresponding C function is `inflateInit2`.
    init() throws(Compression.Damage) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // A window of 2^15 bytes, and gzip's header and trailer only.
        let size = unsafe CInt(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
            throw .memory
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The corresponding C function is `inflate`.
    func unpack(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) -> Decompressed {
        if isComplete {
            let zeros = unsafe input.prefix { $0 == 0 }.count
            if unsafe zeros > 0 || input.isEmpty { return Decompressed(taken: zeros) }
            guard unsafe input[0] == 0x1f else { return Decompressed(damage: .trailing) }
            unsafe inflateReset(stream)
            isComplete = false
        }
        let bytes = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
        unsafe stream.pointee.avail_in = UInt32(clamping: input.count)
        unsafe stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = UInt32(clamping: room.count)
        let result = unsafe inflate(stream, Z_NO_FLUSH)
        var step = Decompressed()
        step.taken = unsafe min(input.count, Int(UInt32.max)) - Int(stream.pointee.avail_in)
        step.given = unsafe min(room.count, Int(UInt32.max)) - Int(stream.pointee.avail_out)
        switch result {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isComplete = true
        case Z_MEM_ERROR: step.damage = .memory
        default: step.damage = .corrupt
        }
        return step
    }
}
