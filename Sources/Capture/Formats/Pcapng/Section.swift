internal import CPcap
internal import Wire

/// The interfaces of the current section of a pcapng file, in a table that a `FileCursor` can point into.
@safe
final class Section {
    /// What a packet block's interface number stands for.
    @unsafe
    struct Row {
        let linkType: LinkType
        /// More captured bytes than this are not believed.
        let snapshotLength: UInt32
        let resolution: TimestampResolution
        /// See ``Frame/interface``.
        let number: UInt32
        /// The filter's program, if there is one.
        let program: UnsafePointer<bpf_program>?
    }

    /// More interfaces than this are not believed, in one section or all files: each costs memory.
    static let limit = 65_536
    /// So many bytes of an interface's name are kept. Linux gives it 15 (`IFNAMSIZ`), Windows about 50.
    static let nameLimit = 256

    /// The table. It moves when an interface is added.
    private(set) var rows: UnsafeMutablePointer<Row>
    private(set) var count = 0
    private var capacity = 4
    /// For each interface, its index in the file's list, and its last statistics.
    private var entries: [(index: Int, counters: InterfaceCounters)] = []
    private var nameCounts: [String: Int] = [:]

    init() { unsafe rows = .allocate(capacity: capacity) }

    deinit { unsafe rows.deallocate() }

    /// How many interfaces of the name the section has described; one more from now on.
    func countName(_ name: String) -> Int {
        let count = nameCounts[name, default: 0]
        nameCounts[name] = count + 1
        return count
    }

    /// Adds the next interface, whose entry in the file's list is at `index`.
    func add(_ row: Row, index: Int) {
        if count == capacity {
            capacity *= 2
            let larger = UnsafeMutablePointer<Row>.allocate(capacity: capacity)
            unsafe larger.moveInitialize(from: rows, count: count)
            unsafe rows.deallocate()
            unsafe rows = larger
        }
        unsafe (rows + count).initialize(to: row)
        count += 1
        entries.append((index, InterfaceCounters()))
    }

    /// Replaces an interface's statistics, which count from the beginning of the section.
    func update(_ interface: Int, _ counters: InterfaceCounters) {
        entries[interface].counters = counters
    }

    /// Adds the statistics up to here to the file's list.
    func addCounters(to list: inout [CaptureInterface]) {
        for entry in entries { list[entry.index].add(entry.counters) }
    }

    /// Forgets all interfaces.
    func removeAll() {
        count = 0
        entries.removeAll(keepingCapacity: true)
        nameCounts.removeAll(keepingCapacity: true)
    }
}
