internal import Wire

extension CaptureReader {
    /// What went wrong so far, file by file in the order of the list.
    public var problems: [CaptureError] { files.flatMap(\.problems) }

    /// Bytes taken from all files so far; with ``totalBytes``, the progress.
    public var bytesRead: Int64 { files.reduce(0) { $0 &+ $1.bytesRead } }

    /// The files' sizes in bytes, all together; `nil` if there is a pipe among them.
    public var totalBytes: Int64? {
        files.contains(where: \.isStream) ? nil : files.reduce(0) { $0 &+ ($1.size ?? 0) }
    }

    /// Frames walked over so far: those that `next` has handed out, and those that the filter has
    /// skipped.
    public var framesRead: UInt64 { files.indices.reduce(0) { $0 &+ frames(of: $1) } }

    /// How many frames lie before each file's first one where the files follow one another in time, by
    /// their order in the list; `nil` where they overlap.
    public var framesBefore: [UInt64]? {
        guard let succession else { return nil }
        var before = [UInt64](repeating: 0, count: files.count)
        var count: UInt64 = 0
        for index in succession {
            before[index] = count
            count &+= unsafe index == current ? cursor.number : cursors[index].number
        }
        return before
    }

    /// The numbers that frames of all files have been given, frames that the filter has skipped included.
    public var numbersGiven: UInt64 {
        files.indices.reduce(0) { sum, index in
            sum &+ (unsafe index == current ? cursor.number : cursors[index].number)
        }
    }

    /// What interfaces are called, while frames are read.
    public var interfaceNames: InterfaceNames { InterfaceNames(table: interfaceTable) }

    /// The interfaces that have numbers so far, in order.
    public var knownInterfaces: [InterfaceName] { interfaceTable.names }

    /// What is known of each file so far, in the order of the list.
    public var summaries: [FileSummary] {
        files.indices.map { index in
            let file = files[index]
            return FileSummary(
                path: file.path, format: file.formatName, bytesRead: file.bytesRead,
                size: file.size, frames: frames(of: index), interfaces: file.describedInterfaces)
        }
    }

    /// The interfaces of all files, by their number in ``Frame/interface``, with the statistics of
    /// all files added up. Number 0 is the interface without a name; its snapshot length is 0 if no
    /// file has it.
    public var interfaces: [CaptureInterface] {
        var all = (0..<interfaceTable.count).map {
            CaptureInterface(
                number: UInt32($0), linkType: .ethernet, snapshotLength: 0)
        }
        for interface in files.lazy.flatMap(\.describedInterfaces) {
            all[Int(interface.number)].merge(interface)
        }
        return all
    }

    private func frames(of index: Int) -> UInt64 {
        let number = unsafe index == current ? cursor.number : cursors[index].number
        return number &- files[index].numberedBlocks
    }
}
