internal import Glibc

/// A process that holds a socket.
public struct Process: Hashable, Sendable, CustomStringConvertible {
    /// Its number.
    public let identifier: Int32
    /// Its short name, as the kernel has it: any characters, a process chooses them itself.
    public let name: String

    /// `nginx[1234]`.
    public var description: String { "\(name)[\(identifier)]" }

    /// The processes that hold sockets, by inode: those that this process may look at. Of several
    /// that hold one, the one found first.
    ///
    /// Complexity: all descriptors of all processes.
    public static func bySocket() -> [UInt64: Process] {
        var found: [UInt64: Process] = [:]
        for entry in names(in: "/proc") {
            guard let identifier = Int32(entry) else { continue }
            var process: Process?
            for descriptor in names(in: "/proc/\(entry)/fd") {
                guard let inode = socket("/proc/\(entry)/fd/\(descriptor)"), found[inode] == nil
                else { continue }
                if process == nil {
                    let name = (try? readFile("/proc/\(entry)/comm")) ?? "?\n"
                    process = Process(identifier: identifier, name: String(name.dropLast()))
                }
                found[inode] = process
            }
        }
        return found
    }

    /// The inode that a link such as `socket:[12345]` names.
    private static func socket(_ path: String) -> UInt64? {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe bytes.withUnsafeMutableBytes { room in
            guard let start = room.baseAddress else { return 0 }
            return unsafe readlink(path, start.assumingMemoryBound(to: CChar.self), room.count)
        }
        guard count > 9 else { return nil }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        guard text.hasPrefix("socket:["), text.hasSuffix("]") else { return nil }
        return UInt64(text.dropFirst(8).dropLast())
    }

    /// The names in a folder; none where it may not be read.
    private static func names(in path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            names.append(name)
        }
        return names
    }
}
