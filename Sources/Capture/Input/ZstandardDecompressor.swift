internal import CZstd

/// Zstandard by libzstd. Frames may follow each other.
///
/// It is handed one block, or one header, at a time, and none before it has given all of what it holds. Where it meets damage
/// it gives nothing of what the same call has unpacked or held before, and a whole frame at once it judges otherwise than the
/// same one in pieces: what is given would depend on how the file is read.
@safe
final class ZstandardDecompressor: Decompressor {
    private let context: OpaquePointer
    private(set) var isComplete = false
    /// How many bytes libzstd asks for next: those of a block with the next block's header, or of a header.
    private var wanted = ZstandardDecompressor.frameHeaderPrefix
    /// Whether it may hold unpacked bytes that there was no room for.
    private var mayHold = false

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

    func unpack(
        _ input: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
    ) -> Decompressed {
        if unsafe isComplete && input.isEmpty { return Decompressed() }
        var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
        if mayHold {
            var nothing = unsafe ZSTD_inBuffer(src: nil, size: 0, pos: 0)
            let damage = unsafe unpack(&nothing, into: &target)
            if mayHold { return unsafe Decompressed(given: target.pos, damage: damage) }
        }
        let piece = wanted > Self.blockHeader ? wanted - Self.blockHeader : wanted
        var source = unsafe ZSTD_inBuffer(
            src: input.baseAddress, size: min(input.count, piece), pos: 0)
        let damage = unsafe unpack(&source, into: &target)
        return unsafe Decompressed(taken: source.pos, given: target.pos, damage: damage)
    }

    /// The corresponding C function is `ZSTD_decompressStream`.
    private func unpack(
        _ source: inout ZSTD_inBuffer, into target: inout ZSTD_outBuffer
    ) -> Compression.Damage? {
        let result = unsafe ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(result) == 0 else {
            return switch ZSTD_getErrorCode(result) {
            case ZSTD_error_frameParameter_windowTooLarge: .window
            case ZSTD_error_memory_allocation: .memory
            case ZSTD_error_prefix_unknown where isComplete: .trailing
            default: .corrupt
            }
        }
        isComplete = result == 0
        wanted = isComplete ? Self.frameHeaderPrefix : result
        mayHold = unsafe !isComplete && target.pos == target.size
        return nil
    }
}
