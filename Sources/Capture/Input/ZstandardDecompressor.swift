internal import CZstd

/// Zstandard by libzstd. Frames may follow each other.
///
/// It is handed one block, or one header, at a time. Where it meets damage it gives nothing of what the same call has unpacked
/// before, and a whole frame at once it judges otherwise than the same one in pieces: what is given would depend on how the
/// file is read.
@safe
final class ZstandardDecompressor: Decompressor {
    private let context: OpaquePointer
    private(set) var isComplete = false
    /// How many bytes libzstd asks for next: those of a block with the next block's header, or of a header.
    private var wanted = ZstandardDecompressor.frameHeaderPrefix

    /// The magic number and the frame header's descriptor: RFC 8878, section 3.1.1.
    private static let frameHeaderPrefix = 5
    /// The header of a block: RFC 8878, section 3.1.1.2.
    private static let blockHeader = 3

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
        let piece = wanted > Self.blockHeader ? wanted - Self.blockHeader : wanted
        var source = unsafe ZSTD_inBuffer(
            src: input.baseAddress, size: min(input.count, piece), pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        let result = unsafe ZSTD_decompressStream(context, &target, &source)
        var step = unsafe Decompressed(taken: source.pos, given: target.pos)
        if ZSTD_isError(result) == 0 {
            isComplete = result == 0
            wanted = isComplete ? Self.frameHeaderPrefix : result
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
