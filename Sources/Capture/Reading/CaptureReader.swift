internal import Wire

/// Capture files, read as one time line.
///
/// Several files are merged by the time of each file's next frame, the earlier file in the list
/// first where times are equal. Within a file, frames keep their order, or are sorted by time where their
/// times are true and their places are not: see ``framesSorted``. A file that cannot be read, or not to its
/// end, ends up in ``problems`` and stops no other.
///
///     var reader = try CaptureReader(files: ["a.pcap", "b.pcapng"], filter: "tcp")
///     while let frame = reader.next() { … }
///     for problem in reader.problems { … }
///
/// Memory does not grow with the files: about 1 MiB for each that is being read. Files whose first
/// frame is still to come are closed meanwhile, so hundreds of rotated files need few descriptors.
@safe
public struct CaptureReader: ~Copyable {
    @usableFromInline var cursor: FileCursor
    var files: [CaptureFile]
    private let filter: Filter?
    let hasFilter: Bool
    let interfaceTable: InterfaceTable
    let bufferMemory = BufferMemory()
    /// Whether ``FrameBlock``s may end where few bytes are left in memory.
    @usableFromInline var readsAhead = false
    /// Who reads bytes before their turn, for ``FrameBlock``s; nil where they are read in turn.
    var readAhead: ReadAhead?
    /// Whether the frame that was given last stays when the reader goes on; not where libpcap reads the file, or
    /// frames are held back to be sorted. See ``FrameBlock``.
    public internal(set) var isLastFrameKept = false
    /// The places in all files; the current one's is out of date, and in `cursor`.
    var cursors = unsafe [FileCursor]()
    /// The index of the file that `cursor` is in.
    var current: Int?
    /// The next frame's time of every other file that has one.
    var mergeQueue = MergeQueue()
    /// The files in the order in which they were begun; nil once one was left before its end.
    var succession: [Int]? = []
    /// Holds frames back that may be out of order; nil where none is held.
    var sorter: FrameSorter?
    /// Whether frames that wait for later ones are kept at the end of all files: see ``codeHeld(_:after:)``. They are
    /// given once this is false.
    public var keepsHeld = false
    /// Frames whose places in the files were not those of their times, and that were put there. Known at the end.
    public internal(set) var framesSorted: UInt64 = 0
    /// Frames that the filter has skipped.
    public internal(set) var framesSkipped: UInt64 = 0

    /// Who waits where a capture has no more for now.
    public struct Follow {
        /// Whether it is waited at the end of a regular file, which may grow; else in pipes only.
        let includesFiles: Bool
        /// Asked ten times a second while nothing comes, and at once where nothing is there, whether to go on.
        let goesOn: () -> Bool

        /// Joins the two.
        public init(includesFiles: Bool, goesOn: @escaping () -> Bool) {
            self.includesFiles = includesFiles
            self.goesOn = goesOn
        }
    }

    /// Opens the files, `-` for standard input, and compiles the filter.
    ///
    /// With several files, the first frame of each is looked for at once.
    ///
    /// - Parameters:
    ///   - filter: a libpcap filter expression, see pcap-filter(7); `nil` or "" for every frame.
    ///   - backend: who reads; see ``Backend``.
    ///   - follow: for files that still grow, and pipes. Its `false` is the end, and a record that is
    ///     not whole by then is no trouble. Of several files, none is read further than one that is
    ///     waited for. `nil` takes the end of a file for the end, and waits in pipes without asking.
    ///   - sorts: whether to sort frames by time within a second, where some of the first 4,096 are out of
    ///     order. Not where a frame is waited for.
    /// - Throws: ``CaptureError/filter(_:_:)`` and nothing else.
    public init(
        files: [String], filter: String? = nil, backend: Backend = .automatic,
        follow: Follow? = nil, sorts: Bool = false
    ) throws(CaptureError) {
        try self.init(
            files: files, filter: filter, backend: backend, follow: follow, sorts: sorts,
            interfaceTable: InterfaceTable())
    }

    /// The same, with numbers for the interfaces that others use as well.
    public init(
        files: [String], filter: String? = nil, backend: Backend = .automatic,
        follow: Follow? = nil, sorts: Bool = false, interfaceTable table: InterfaceTable
    ) throws(CaptureError) {
        let filter = filter.flatMap { $0.isEmpty ? nil : Filter($0) }
        let memory = bufferMemory
        let opened = files.enumerated().map { index, path in
            CaptureFile(
                path: path, index: index, backend: backend, filter: filter, follow: follow,
                interfaceTable: table, bufferMemory: memory)
        }
        self.files = opened
        self.filter = filter
        hasFilter = filter != nil
        interfaceTable = table
        unsafe cursor = FileCursor(file: 0)
        sorter = sorts ? FrameSorter() : nil
        start()
        if let filter { try check(filter) }
    }

    /// The next frame, which is valid until `next` is called again; `nil` at the end of all files.
    ///
    /// No allocation, except where a record does not fit the buffer.
    @inlinable @inline(__always)
    @_lifetime(&self)
    public mutating func next() -> Frame? {
        if let record = unsafe cursor.takePlainRecord() {
            let bytes = unsafe Span<UInt8>(
                _unsafeStart: record.bytes, count: Int(record.capturedLength))
            let frame = unsafe Frame(
                bytes: bytes, wireLength: Int(record.wireLength), timestamp: record.timestamp,
                linkType: cursor.linkType, interface: 0, file: cursor.file,
                number: cursor.number)
            return unsafe _overrideLifetime(frame, mutating: &self)
        }
        return nextSlowPath()
    }
}
