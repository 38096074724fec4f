/// The arguments of `generate`, and what they ask for.
struct Generation {
    private let name: String
    private let path: String
    private var connections: Int?
    private var packets: Int?
    private var seed: UInt64 = 1

    init(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        var words = arguments
        guard let name = words.popFirst(), let path = words.popFirst() else {
            throw .usage("generate what, and where?")
        }
        self.name = name
        self.path = path
        while let word = words.popFirst() {
            // 2^24: the most that addresses and the agenda have room for.
            guard let number = words.popFirst().flatMap({ Int($0) }), number > 0 else {
                throw .usage("\(word) takes a number above 0")
            }
            switch word {
            case "--connections" where number <= 1 << 24: connections = number
            case "--packets" where number <= 1 << 40: packets = number
            case "--seed": seed = UInt64(number)
            default: throw .usage("\(word) \(number)?")
            }
        }
    }

    /// Writes the capture.
    func run() throws(BenchmarkError) -> GenerationSummary {
        switch name {
        case "mix": return try write(.mix)
        case "full": return try write(.full)
        case "elephants": return try write(.elephants)
        case "synflood":
            var flood = SynFlood()
            if let connections { flood.connections = connections }
            return try write(flood.snapshotLength, flood.write)
        case "flows":
            guard let connections, let packets, packets >= 3 * connections else {
                throw .usage("flows takes --connections and --packets, three each at least")
            }
            let flows = Flows(connections: connections, packets: packets)
            return try write(flows.snapshotLength, flows.write)
        default: throw .usage("there is no \(name)")
        }
    }

    private func write(_ traffic: Traffic) throws(BenchmarkError) -> GenerationSummary {
        var traffic = traffic
        if let connections { traffic.connections = connections }
        return try write(traffic.snapshotLength, traffic.write)
    }

    private func write(
        _ snapshotLength: Int,
        _ content: (inout CaptureWriter, UInt64) throws(BenchmarkError) -> GenerationSummary
    ) throws(BenchmarkError) -> GenerationSummary {
        var writer = try CaptureWriter(path: path, snapshotLength: snapshotLength)
        var summary = try content(&writer, seed)
        try writer.flush()
        summary.packets = writer.frames
        summary.bytes = writer.bytes
        return summary
    }
}
