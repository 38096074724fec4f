internal import Wire

/// One file of a reader's list: its source, its format, what it described and what went wrong.
///
/// The place in the file is a `Walk`, which the reader holds while the file is the current one.
@safe
final class CaptureFile {
    /// How the records are taken.
    enum Format {
        case closed
        case classic
        case blocks
        case libpcap
    }

    let path: String
    let index: Int
    let engine: CaptureReader.Engine
    let filter: Filter?
    let interfaceTable: InterfaceTable

    var format = Format.closed
    /// The format in words.
    var formatName = ""
    var walk: Walk
    /// The next frame, found but not handed out.
    var pending: Record?
    var problems: [CaptureError] = []
    var buffer: ReadBuffer?
    var capture: OfflineCapture?
    /// The file's size in bytes, if it is a regular file.
    var size: Int64?
    /// Whether the file is a pipe, which has no size.
    var isStream = false
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
    /// Classic pcap: the size of a record header in bytes.
    var recordHeaderSize = 16
    /// Classic pcap: the filter's program.
    var program = Filter.nothing
    /// pcapng: the interfaces of the current section.
    var section = Section()
    /// pcapng: where in `interfaces` an interface is.
    var interfaceEntries: [InterfaceKey: Int] = [:]
    /// pcapng: the longest block that is believed, in bytes. Interfaces with huge frames raise it to
    /// one such frame and 128 KiB of options.
    var blockLimit: UInt32 = 16 << 20

    init(
        path: String, index: Int, engine: CaptureReader.Engine, filter: Filter?,
        interfaceTable: InterfaceTable
    ) {
        self.path = path
        self.index = index
        self.engine = engine
        self.filter = filter
        self.interfaceTable = interfaceTable
        unsafe walk = Walk(file: UInt16(truncatingIfNeeded: index))
    }

    /// The same file, not opened yet.
    func unopened() -> CaptureFile {
        let file = CaptureFile(
            path: path, index: index, engine: engine, filter: filter,
            interfaceTable: interfaceTable)
        file.size = size
        return file
    }

    /// Whether the file can be closed and opened again without loss.
    var isReopenable: Bool { size != nil && path != "-" }
    var isOpen: Bool { format != .closed }

    /// Bytes taken from the file so far.
    var bytesRead: Int64 {
        capture?.bytesRead ?? buffer?.bytesRead ?? bytesReadInAll
    }

    /// The next record; `nil` at the end, and after trouble.
    func next(_ walk: inout Walk) -> Record? {
        switch format {
        case .closed: nil
        case .classic: unsafe nextClassic(&walk)
        case .blocks: unsafe nextBlock(&walk)
        case .libpcap: unsafe nextFromLibpcap(&walk)
        }
    }

    /// Finds the first frame and keeps it in `pending`. Returns its time, or `nil` if there is none.
    func findFirst() -> Int64? {
        unsafe pending = next(&walk)
        if unsafe pending == nil { close() }
        return unsafe pending?.timestamp.nanoseconds
    }

    /// Gives back the descriptor and the memory.
    func close() {
        bytesReadInAll = bytesRead
        section.close(into: &interfaces)
        format = .closed
        buffer = nil
        capture = nil
    }

    /// The interfaces with the statistics up to here.
    var describedInterfaces: [CaptureInterface] {
        var list = interfaces
        var section = section
        section.close(into: &list)
        return list
    }

    /// Notes a problem. `offset` is the byte at which the part at fault begins.
    func note(_ trouble: FileTrouble, at offset: Int64?) {
        problems.append(.file(path, offset: offset, trouble))
    }

    /// The byte of the file at which the window begins.
    func offset(_ walk: borrowing Walk) -> Int64 {
        unsafe (buffer?.endOffset ?? 0) &- Int64(walk.window.count)
    }

    /// Slides the window until it holds `count` bytes or the rest of the file. Returns the bytes
    /// held, or `nil` after a read error, which is noted.
    @inline(__always)
    func fill(_ walk: inout Walk, _ count: Int) -> Int? {
        if unsafe walk.window.count >= count { return unsafe walk.window.count }
        return unsafe refill(&walk, count)
    }

    private func refill(_ walk: inout Walk, _ count: Int) -> Int? {
        do {
            return try unsafe buffer?.fill(&walk.window, count)
        } catch {
            note(.cannotRead(errorNumber: error.code), at: unsafe offset(walk))
            return nil
        }
    }

    /// The filter's program for a link type.
    func program(for linkType: LinkType) -> Int {
        guard let filter else { return Filter.nothing }
        do {
            return try filter.program(for: linkType)
        } catch {
            note(.filter(linkType, error.text), at: nil)
            return Filter.nothing
        }
    }
}

/// What makes two interface descriptions of a file one entry in its summary.
struct InterfaceKey: Hashable {
    let number: UInt32
    let linkType: LinkType
}
