/// A tap's name and its files.
public struct TapArgument: Hashable, Sendable {
    /// The name, as it was written.
    public let name: String
    /// The names of its files, in their order.
    public private(set) var files: [String]

    /// The taps of a command line's words, in the order in which the path passes them.
    ///
    /// A word `NAME=FILE` begins a tap, or goes on with the one of that name; any other is one more file of the tap before.
    public static func all(_ words: [String]) throws(ArgumentFailure) -> [TapArgument] {
        var taps: [TapArgument] = []
        var current: Int?
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let isNamed = parts.count == 2 && !parts[0].contains("/")
            guard isNamed else {
                guard let current else {
                    throw ArgumentFailure("'\(word)': name the tap first: --tap client=\(word)")
                }
                taps[current].files.append(word)
                continue
            }
            if let known = taps.firstIndex(where: { $0.name == parts[0] }) {
                taps[known].files.append(parts[1])
                current = known
            } else {
                taps.append(TapArgument(name: parts[0], files: [parts[1]]))
                current = taps.count - 1
            }
        }
        return taps.filter { $0.name == "client" }
            + taps.filter { !["client", "server"].contains($0.name) }
            + taps.filter { $0.name == "server" }
    }

    /// Refuses what is not enough to compare.
    public static func requireTwo(_ taps: [TapArgument]) throws(ArgumentFailure) {
        guard taps.count < 2 else { return }
        throw ArgumentFailure(
            "Name two taps or more: --tap client=client.pcap --tap server=server.pcap.")
    }
}
