internal import CZstd

/// Packs blocks of bytes into Zstandard frames with checksums, each for itself. RFC 8878.
@safe
public final class ZstandardBlockCompressor {
    private let context: OpaquePointer
    private var room: [UInt8] = []

    /// - Parameter level: from 1, fast, to 19, small; below 1, faster still. The corresponding C function is
    ///   `ZSTD_createCCtx`.
    public init(level: Int32) {
        guard let context = unsafe ZSTD_createCCtx() else { fatalError("no memory for zstd") }
        unsafe self.context = unsafe context
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        // Shorter matches are worth their time only where one is looked for at every byte.
        if level < 0 { _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, 7) }
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// Calls `body` with the frame of a block. The corresponding C function is `ZSTD_compress2`.
    public func compress(_ block: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        let bound = ZSTD_compressBound(block.count)
        if room.count < bound { room = [UInt8](repeating: 0, count: bound) }
        let size = unsafe block.withUnsafeBufferPointer { input in
            unsafe room.withUnsafeMutableBytes { output in
                unsafe ZSTD_compress2(
                    context, output.baseAddress, output.count, input.baseAddress, input.count)
            }
        }
        precondition(ZSTD_isError(size) == 0, "a block did not fit its bound")
        unsafe room.withUnsafeBufferPointer { body(unsafe Span(_unsafeElements: $0.prefix(size))) }
    }
}

/// Unpacks what ``ZstandardBlockCompressor`` packed.
@safe
public final class ZstandardBlockDecompressor {
    private let context: OpaquePointer

    /// The corresponding C function is `ZSTD_createDCtx`.
    public init() {
        guard let context = unsafe ZSTD_createDCtx() else { fatalError("no memory for zstd") }
        unsafe self.context = unsafe context
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// The block in a frame; nil where the bytes are no whole frame of so many bytes, or its checksum is wrong. The
    /// corresponding C function is `ZSTD_decompressDCtx`.
    ///
    /// - Parameter size: the block's size in bytes, which the caller has bounded.
    public func decompress(_ frame: Span<UInt8>, size: Int) -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: size)
        let unpacked = unsafe frame.withUnsafeBufferPointer { input in
            unsafe block.withUnsafeMutableBytes { output in
                unsafe ZSTD_decompressDCtx(
                    context, output.baseAddress, output.count, input.baseAddress, input.count)
            }
        }
        return ZSTD_isError(unpacked) == 0 && unpacked == size ? block : nil
    }
}
