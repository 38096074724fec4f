internal import Glibc

/// The memory that a run may take.
public enum FreeMemory {
    /// How many connections fit into half of the memory that is free now, at a kilobyte each: that is
    /// what one takes at most, with all that is noted of it.
    public static var connections: Int { max(1 << 16, Int(min(bytes / 2 / 1024, 1 << 30))) }

    /// What could be taken without swapping, as Linux estimates it (`MemAvailable`, proc(5)); elsewhere
    /// half of what the machine has.
    private static var bytes: UInt64 {
        let text = (try? readFile("/proc/meminfo")) ?? ""
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            if let kilobytes = UInt64(line.filter(\.isWholeNumber)) { return kilobytes << 10 }
        }
        let pages = max(0, sysconf(Int32(_SC_PHYS_PAGES)))
        return UInt64(pages) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE)))) / 2
    }
}
