import ArgumentParser
import POSIX

/// The names of the capture files that a command reads.
protocol FileArguments: ParsableArguments {
    /// In their order.
    var files: [String] { get }
}

/// The capture files that a command reads.
struct InputOptions: FileArguments {
    @Argument(help: InputOptions.help)
    var files: [String]

    /// What the files are.
    static let help: ArgumentHelp =
        "Capture files (pcap or pcapng), merged by time; '-' is standard input."

    mutating func validate() throws { try InputOptions.check(files) }

    /// Throws where files cannot be read as they are named.
    static func check(_ files: [String]) throws {
        if files.isEmpty {
            throw ValidationError("Name a capture file, or '-' for standard input.")
        }
        if files.count > 65_536 {
            throw ValidationError("At most 65,536 files can be read at once.")
        }
        if files.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input ('-') can be named only once.")
        }
        if let place = files.firstIndex(where: isFilterWord), place > 0 {
            let names = files[..<place].joined(separator: " ")
            let filter = files[place...].joined(separator: " ")
            throw ValidationError(
                "'\(files[place])' is not a file. A filter goes after '--': wirestate \(names) -- \(filter)"
            )
        }
    }
}

/// Whether a word begins a filter of pcap-filter(7), and names no file.
private func isFilterWord(_ word: String) -> Bool {
    let words: Set<String> = [
        "port", "host", "net", "portrange", "src", "dst", "tcp", "ip", "ip6", "vlan", "ether",
        "not", "and", "or",
    ]
    return words.contains(word) && FileIdentity(path: word) == nil
}
