/// What a generator wrote.
struct GenerationSummary {
    var packets = 0
    /// Bytes of the file.
    var bytes = 0
    var connections = 0
    /// How many there are of each kind, where there are kinds.
    var kinds: [Kind: Int] = [:]
    /// The most connections under way at a time; 0 if nobody counted.
    var mostAtOnce = 0
    /// Data segments that were sent twice.
    var repetitions = 0

    /// A line for each number: its name and the number.
    var text: String {
        var lines = ["packets \(packets)", "bytes \(bytes)", "connections \(connections)"]
        if mostAtOnce > 0 { lines.append("most-at-once \(mostAtOnce)") }
        if repetitions > 0 { lines.append("repetitions \(repetitions)") }
        lines += Kind.allCases.compactMap { kind in kinds[kind].map { "\(kind.rawValue) \($0)" } }
        return lines.joined(separator: "\n")
    }
}
