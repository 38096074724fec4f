import CZlib
import CZstd
import Capture

/// Packs bytes, as gzip and zstd do.
func pack(_ bytes: [UInt8], _ compression: Compression) -> [UInt8] {
    switch compression {
    case .gzip: gzip(bytes)
    case .zstandard: zstandard(bytes)
    }
}

private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let size = CInt(MemoryLayout<z_stream>.size)
    deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 200)
    let room = output.count
    let left = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
            return Int(stream.avail_out)
        }
    }
    return Array(output.prefix(room - left))
}

private func zstandard(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let context = ZSTD_createCCtx()
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    let room = output.count
    let count = output.withUnsafeMutableBytes {
        ZSTD_compress2(context, $0.baseAddress, room, bytes, bytes.count)
    }
    precondition(ZSTD_isError(count) == 0)
    return Array(output.prefix(count))
}
