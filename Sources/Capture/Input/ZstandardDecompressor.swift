internal import CZstd

/// Zstandard by libzstd. Frames may follow each other.
@safe
final class ZstandardDecompressor: Decompressor {
    private let context: OpaquePointer
    private(set) var isComplete = false

    /// The corresponding C functions are `ZSTD_createDCtx` and `ZSTD_DCtx_setParameter`.
    init() throws(Compression.Damage) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .memory }
        unsafe self.context = unsafe context
        let limit = CInt(Compression.windowLimit)
        _ = unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, limit)
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// The corresponding C function is `ZSTD_decompressStream`.
    func unpack(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) -> Decompressed {
        if unsafe isComplete && input.isEmpty { return Decompressed() }
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        let result = unsafe ZSTD_decompressStream(context, &target, &source)
        var step = unsafe Decompressed(taken: source.pos, given: target.pos)
        if ZSTD_isError(result) == 0 {
            isComplete = result == 0
        } else {
            step.damage =
                switch ZSTD_getErrorCode(result) {
                case ZSTD_error_frameParameter_windowTooLarge: .window
                case ZSTD_error_memory_allocation: .memory
                case ZSTD_error_prefix_unknown where isComplete: .trailing
                default: .corrupt
                }
        }
        return step
    }
}
