internal import POSIX

/// The names of capture files, as people write them.
public enum FileNames {
    /// The most files that are read at once.
    static let limit = 65_536

    /// Throws where files cannot be read as they are named.
    public static func check(_ files: [String]) throws(ArgumentFailure) {
        try check(files) { FileIdentity(path: $0) != nil }
    }

    /// - Parameter isFile: whether a name is that of a file.
    static func check(
        _ files: [String], isFile: (String) -> Bool
    ) throws(ArgumentFailure) {
        if files.isEmpty {
            throw ArgumentFailure("Name a capture file, or '-' for standard input.")
        }
        if files.count > limit {
            throw ArgumentFailure("At most 65,536 files can be read at once.")
        }
        if files.count(where: { $0 == "-" }) > 1 {
            throw ArgumentFailure("Standard input ('-') can be named only once.")
        }
        let index = files.firstIndex { filterWords.contains($0) && !isFile($0) }
        if let index, index > 0 {
            let names = files[..<index].joined(separator: " ")
            let filter = files[index...].joined(separator: " ")
            throw ArgumentFailure(
                "'\(files[index])' is not a file. A filter goes after '--': wirestate \(names) -- \(filter)"
            )
        }
    }

    /// Words that begin a filter of pcap-filter(7).
    private static let filterWords: Set<String> = [
        "port", "host", "net", "portrange", "src", "dst", "tcp", "ip", "ip6", "vlan", "ether",
        "not", "and", "or",
    ]
}
