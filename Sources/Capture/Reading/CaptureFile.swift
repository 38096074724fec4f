internal import CPcap
internal import Wire

/// One file of a reader's list: its source, its format, what it described and what went wrong.
///
/// The place in the file is a `FileCursor`, which belongs to the reader.
@safe
final class CaptureFile {
    /// Who takes the records.
    enum Format {
        case closed
        case classic
        case blocks
        case libpcap
    }

    let path: String
    let index: Int
    let backend: CaptureReader.Backend
    let filter: Filter?
    let follow: CaptureReader.Follow?
    let interfaceTable: InterfaceTable
    /// Has the memory of all buffers.
    let bufferMemory: BufferMemory

    var format = Format.closed
    /// The format in words.
    var formatName = ""
    private(set) var problems: [CaptureError] = []
    /// Whether trouble has ended the file.
    private(set) var hasStopped = false
    var buffer: ReadBuffer?
    var capture: OfflineCapture?
    /// libpcap: the next record, if it has been looked at.
    var pending: RawRecord?
    /// The file's size in bytes, if it is a regular file.
    var size: Int64?
    /// Whether the file is a pipe, which has no size.
    var isStream = false
    /// Whether the file has been closed for good.
    private(set) var hasEnded = false
    /// Bytes read before the file was closed.
    private var bytesReadInAll: Int64 = 0
    /// Every interface described so far, each once.
    var interfaces: [CaptureInterface] = []

    /// Classic pcap: the highest captured length that is believed.
    var lengthLimit: UInt32 = 0
    /// Classic pcap: captured bytes beyond this are skipped.
    var snapshotLength: UInt32 = 0
    /// Classic pcap: which length comes first.
    var lengthOrder = LengthOrder.capturedFirst
    /// pcapng: the interfaces of the current section.
    let section = Section()
    /// pcapng: blocks that hold no packet and have a frame number all the same.
    var numberedBlocks: UInt64 = 0
    /// pcapng: where in `interfaces` an interface is.
    var interfaceEntries: [InterfaceKey: Int] = [:]
    /// The interface of all packets that libpcap reads.
    var libpcapInterface: UInt32 = 0
    /// pcapng: the longest block that is believed, in bytes. Interfaces with huge frames raise it to
    /// one such frame and 128 KiB of options.
    var blockLimit: UInt32 = 16 << 20

    init(
        path: String, index: Int, backend: CaptureReader.Backend, filter: Filter?,
        follow: CaptureReader.Follow?, interfaceTable: InterfaceTable, bufferMemory: BufferMemory
    ) {
        self.path = path
        self.index = index
        self.backend = backend
        self.filter = filter
        self.follow = follow
        self.interfaceTable = interfaceTable
        self.bufferMemory = bufferMemory
    }

    /// The same file, not opened yet.
    func unopened() -> CaptureFile {
        let file = CaptureFile(
            path: path, index: index, backend: backend, filter: filter, follow: follow,
            interfaceTable: interfaceTable, bufferMemory: bufferMemory)
        file.size = size
        return file
    }

    /// Whether a caller waits for its next frame, which may not be written yet.
    var isWaitedFor: Bool { follow.map { $0.includesFiles || isStream } ?? false }

    /// Whether the file can be closed and opened again without loss.
    var isReopenable: Bool { size != nil && path != "-" }

    /// Bytes taken from the file so far.
    var bytesRead: Int64 {
        capture?.bytesRead ?? buffer?.bytesRead ?? bytesReadInAll
    }

    /// The next record, which is stepped over if it is taken; `nil` at the end, and after trouble.
    func next(_ cursor: inout FileCursor, isTaken: Bool) -> RawRecord? {
        if hasStopped { return nil }
        return switch format {
        case .closed: nil
        case .classic: unsafe nextClassic(&cursor, isTaken: isTaken)
        case .blocks: unsafe nextBlock(&cursor, isTaken: isTaken)
        case .libpcap: unsafe nextFromLibpcap(&cursor, isTaken: isTaken)
        }
    }

    /// Gives back the descriptor and the memory.
    func close() {
        bytesReadInAll = bytesRead
        hasEnded = true
        section.addCounters(to: &interfaces)
        section.removeAll()
        format = .closed
        buffer = nil
        capture = nil
    }

    /// The interfaces with the statistics up to here.
    var describedInterfaces: [CaptureInterface] {
        var list = interfaces
        section.addCounters(to: &list)
        return list
    }

    /// Notes trouble that is the end of the file. `offset` is the byte at which the part at fault
    /// begins, `frames` how many frames came before it.
    func stop(_ fileError: FileError, at offset: Int64?, frames: UInt64) {
        hasStopped = true
        if buffer?.hasLeft == true && fileError.isCut { return }
        problems.append(.file(path, offset: offset, frames: frames, fileError))
    }

    /// Notes that what the window begins with is the end of the file.
    func stop(_ fileError: FileError, _ cursor: borrowing FileCursor) {
        unsafe stop(fileError, at: offset(cursor), frames: cursor.number &- numberedBlocks)
    }

    /// Notes that what the window begins with is the end of the file, and gives nothing.
    func stop<Nothing>(_ fileError: FileError, _ cursor: borrowing FileCursor) -> Nothing? {
        unsafe stop(fileError, cursor)
        return nil
    }

    /// The byte of the file at which the window begins.
    func offset(_ cursor: borrowing FileCursor) -> Int64 {
        unsafe (buffer?.endOffset ?? 0) &- Int64(cursor.window.count)
    }

    /// Slides the window until it holds `count` bytes or the rest of the file. Returns the bytes
    /// held, or `nil` after a read error, which is noted.
    @inline(__always)
    func fill(_ cursor: inout FileCursor, _ count: Int) -> Int? {
        if unsafe cursor.window.count >= count { return unsafe cursor.window.count }
        return unsafe refill(&cursor, count)
    }

    /// How many frames it has given that a filter did not skip.
    func given(_ cursor: borrowing FileCursor) -> UInt64 {
        unsafe cursor.number &- numberedBlocks &- cursor.skipped
    }

    private func refill(_ cursor: inout FileCursor, _ count: Int) -> Int? {
        do {
            return try unsafe buffer?.fill(&cursor.window, count, given: given(cursor))
        } catch {
            guard case .packed = error else { return unsafe stop(error, cursor) }
            stop(
                error, at: buffer?.compressedOffset,
                frames: unsafe cursor.number &- numberedBlocks)
            return nil
        }
    }

    /// The filter's program for a link type. That there is none is a problem, but not the end.
    func program(for linkType: LinkType, _ cursor: borrowing FileCursor) -> UnsafePointer<
        bpf_program
    >? {
        guard let filter else { return nil }
        if let program = unsafe filter.program(for: linkType) { return unsafe program }
        let fileError = FileError.filter(linkType, filter.refused ?? "")
        problems.append(.file(path, offset: nil, frames: unsafe cursor.number, fileError))
        return nil
    }
}

/// What makes two interface descriptions of a file one entry in its summary.
struct InterfaceKey: Hashable {
    let number: UInt32
    let linkType: LinkType
}
