internal import Wire

/// The interfaces of the current section of a pcapng file.
struct Section {
    /// What a packet block's interface number stands for.
    struct Interface {
        let linkType: LinkType
        /// More captured bytes than this are not believed.
        let snapshotLength: UInt32
        let resolution: TimestampResolution
        /// See ``Frame/interface``.
        let number: UInt32
        /// The filter's program.
        let program: Int
        /// The index in the file's list.
        let entry: Int
        /// The last statistics.
        var counters = InterfaceCounters()
    }

    /// More interfaces than this are not believed: each costs memory.
    static let limit = 65_536

    private(set) var interfaces: [Interface] = []
    private var nameCounts: [String: Int] = [:]

    /// How many interfaces of the name the section has described; one more from now on.
    mutating func countName(_ name: String) -> Int {
        let count = nameCounts[name, default: 0]
        nameCounts[name] = count + 1
        return count
    }

    /// Adds the next interface.
    mutating func add(_ interface: Interface) { interfaces.append(interface) }

    /// Replaces an interface's statistics, which count from the beginning of the section.
    mutating func update(_ interface: Int, _ counters: InterfaceCounters) {
        interfaces[interface].counters = counters
    }

    /// Ends the section: its statistics go to the file's list.
    mutating func close(into list: inout [CaptureInterface]) {
        for interface in interfaces { list[interface.entry].add(interface.counters) }
        interfaces.removeAll(keepingCapacity: true)
        nameCounts.removeAll(keepingCapacity: true)
    }
}
