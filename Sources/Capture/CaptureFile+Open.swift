internal import Wire

extension CaptureFile {
    /// Opens the file and reads what comes before the frames. Trouble is noted.
    func open() {
        do throws(OpenFailure) {
            try openSource()
        } catch {
            note(error.trouble, at: error.offset)
            close()
        }
    }

    private func openSource() throws(OpenFailure) {
        let source: ByteSource
        do { source = try ByteSource(path: path) } catch { throw OpenFailure(error, at: nil) }
        size = source.size
        isStream = source.size == nil
        if engine == .libpcap { return try openWithLibpcap(source) }
        buffer = ReadBuffer(source)
        try openOurselves()
    }

    /// Looks at the first bytes and reads the header of the format they tell.
    private func openOurselves() throws(OpenFailure) {
        guard let held = unsafe fill(&walk, 4) else { return close() }
        guard held > 0 else { throw OpenFailure(.empty, at: nil) }
        let isCapture: Bool
        switch held < 4 ? 0 : unsafe walk.window.word(0, swapped: false) {
        case 0x0a0d_0d0a: isCapture = try openBlocks()
        case let magic: isCapture = try openClassic(magic: magic)
        }
        if isCapture { return }
        let kind = unsafe FileKind(
            Span(
                _unsafeStart: walk.window.position.assumingMemoryBound(to: UInt8.self),
                count: min(held, 512)))
        throw OpenFailure(.notCapture(kind), at: 0)
    }

    /// Opens the file again after it was closed to wait for its time, and finds its first frame.
    /// Returns whether there is one.
    func resume() -> Bool {
        if isOpen { return true }
        open()
        return findFirst() != nil
    }
}

/// Why opening stopped, and at which byte.
struct OpenFailure: Error {
    let trouble: FileTrouble
    let offset: Int64?

    init(_ trouble: FileTrouble, at offset: Int64?) {
        self.trouble = trouble
        self.offset = offset
    }
}
