import Glibc
import Host
import POSIX

/// How the files of a capture are named: the path itself, or with a number before the suffix.
struct CaptureFileName: Sendable {
    let path: String
    /// Whether even the first file has a number.
    let isNumbered: Bool

    /// The name of a file; 0 for the path without a number.
    func text(_ number: Int) -> String {
        guard number > 0 else { return path }
        let digits = String(number)
        let infix = "-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return stem + infix + suffix
    }

    /// Opens a file that is not there yet; a pipe or a device that is.
    func opens(_ path: String, owner: User?) throws(OutputError) -> HeldFile {
        do { return try HeldFile(path, isMade: true, owner: owner) } catch {
            guard error.code == EEXIST, path == self.path else { throw error }
            // Where it cannot be opened at all, there is a file all the same.
            guard let file = try? HeldFile(path) else { throw error }
            if !file.isRegular { return file }
            file.close()
            throw error
        }
    }

    /// The numbers of the files that are there, the smallest first.
    func existing() -> [Int] {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "."
        guard let entries = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(entries) }
        let prefix = (slash.map { String(stem[stem.index(after: $0)...]) } ?? stem) + "-"
        var numbers: [Int] = []
        while let entry = unsafe readdir(entries) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            guard name.hasPrefix(prefix), name.hasSuffix(suffix),
                name.utf8.count > prefix.utf8.count + suffix.utf8.count
            else { continue }
            let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
            guard let number = Int(digits), number > 0,
                text(number).hasSuffix("-" + digits + suffix)
            else { continue }
            numbers.append(number)
        }
        return numbers.sorted()
    }

    /// What stands before the number.
    private var stem: String { dot.map { String(path[..<$0]) } ?? path }

    /// What stands behind it: `.pcap`, or nothing.
    private var suffix: String { dot.map { String(path[$0...]) } ?? "" }

    private var dot: String.Index? {
        path.lastIndex(of: ".").flatMap { path[$0...].contains("/") ? nil : $0 }
    }
}
