internal import Wire

extension CaptureFile {
    /// Opens the file and reads what comes before the frames. Trouble is noted.
    func open(_ cursor: inout FileCursor) {
        do throws(OpenFailure) {
            try unsafe openSource(&cursor)
        } catch {
            stop(error.fileError, at: error.offset, frames: 0)
            close()
            unsafe cursor.end()
        }
    }

    /// Opens the file again if it was closed to wait for its time.
    func reopen(_ cursor: inout FileCursor) {
        if format == .closed && !hasStopped && !hasEnded { unsafe open(&cursor) }
    }

    private func openSource(_ cursor: inout FileCursor) throws(OpenFailure) {
        let source = try source()
        size = source.size
        isStream = source.size == nil
        if backend == .libpcap { return try unsafe openWithLibpcap(source, &cursor) }
        buffer = ReadBuffer(source, bufferMemory)
        var failure: OpenFailure?
        do throws(OpenFailure) { try unsafe openOurselves(&cursor) } catch { failure = error }
        if unsafe isForLibpcap(failure, cursor) {
            // What it cannot read either keeps our own reason.
            if let source = try? self.source(),
                (try? unsafe openWithLibpcap(source, &cursor)) != nil
            {
                return
            }
        }
        if let failure { throw failure }
    }

    /// How the file is packed, to be said behind its format.
    var packing: String { buffer?.compression.map { ", \($0.rawValue)" } ?? "" }

    private func source() throws(OpenFailure) -> ByteSource {
        do {
            return try ByteSource(path: path, follow: follow)
        } catch {
            throw OpenFailure(error, at: nil)
        }
    }

    /// Whether libpcap may read the file better than we do: it is of a format or a version that we
    /// do not know, or its frames begin with a header in a foreign byte order.
    private func isForLibpcap(_ failure: OpenFailure?, _ cursor: borrowing FileCursor) -> Bool {
        guard backend == .automatic && isReopenable else { return false }
        return switch failure?.fileError {
        case .notCapture, .version: true
        case nil: unsafe cursor.isSwapped && interfaces.contains { $0.linkType.hasHostOrderHeader }
        default: false
        }
    }

    /// Looks at the first bytes and reads the header of the format they tell.
    private func openOurselves(_ cursor: inout FileCursor) throws(OpenFailure) {
        guard let held = unsafe fill(&cursor, 4) else { return close() }
        guard held > 0 else { throw OpenFailure(.empty, at: nil) }
        let isCapture: Bool
        switch held < 4 ? 0 : unsafe cursor.window.word(0, swapped: false) {
        case 0x0a0d_0d0a: isCapture = try unsafe openBlocks(&cursor)
        case let magic: isCapture = try unsafe openClassic(magic: magic, &cursor)
        }
        if isCapture { return }
        let kind = unsafe FileKind(
            Span(
                _unsafeStart: cursor.window.position.assumingMemoryBound(to: UInt8.self),
                count: min(held, 512)))
        throw OpenFailure(.notCapture(kind), at: 0)
    }
}

/// Why opening stopped, and at which byte.
struct OpenFailure: Error {
    let fileError: FileError
    let offset: Int64?

    init(_ fileError: FileError, at offset: Int64?) {
        self.fileError = fileError
        self.offset = offset
    }
}
