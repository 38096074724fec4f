import TestKit
import Wire

/// Ordinary traffic of many connections, or of a few large ones.
struct Traffic {
    var connections: Int
    /// Connections that begin in a second.
    var arrivals: Double
    /// Bytes of a packet that the file keeps.
    var snapshotLength: Int
    /// Data segments of a connection, of which few have many.
    var segments: ClosedRange<Double>
    /// Whether connections end in many ways and differ in pace, or are all large, fast and clean.
    var isVaried = true
    var repeatsPerMille = 30

    /// Headers only.
    static let mix = Traffic(
        connections: 200_000, arrivals: 1700, snapshotLength: 96, segments: 7.5...20_000)
    /// Whole packets.
    static let full = Traffic(
        connections: 30_000, arrivals: 500, snapshotLength: 262_144, segments: 7.5...20_000)
    /// Eight large transfers at once.
    static let elephants = Traffic(
        connections: 8, arrivals: 1000, snapshotLength: 96, segments: 800_000...860_000,
        isVaried: false, repeatsPerMille: 2)

    /// Writes the capture.
    func write(to writer: inout CaptureWriter, seed: UInt64) throws(BenchmarkError)
        -> GenerationSummary
    {
        var random = SplitMix64(seed: seed)
        var summary = GenerationSummary()
        let steps = Kind.allCases.map(\.steps)
        var talks: [Talk] = []
        var free: [Int] = []
        var events = EventQueue()
        var started = 0
        var arrival = 0.0
        while true {
            while started < connections, arrival <= Double(events.first?.time ?? .max) {
                let kind = isVaried ? pickKind(&random) : .closedByClient
                summary.kinds[kind, default: 0] += 1
                let talk = start(
                    steps[Kind.allCases.firstIndex(of: kind)!], started, UInt64(arrival), &random)
                if let index = free.popLast() {
                    talks[index] = talk
                    events.insert(index, at: talk.time)
                } else {
                    events.insert(talks.count, at: talk.time)
                    talks.append(talk)
                }
                started += 1
                summary.mostAtOnce = max(summary.mostAtOnce, events.count)
                arrival += random.exponential(mean: 1_000_000 / arrivals)
            }
            guard let next = events.first?.talk else { break }
            if try talks[next].send(to: &writer, &random) {
                events.postponeFirst(to: talks[next].time)
            } else {
                summary.repetitions += talks[next].repetitions
                events.removeFirst()
                free.append(next)
            }
        }
        summary.connections = connections
        return summary
    }

    private func pickKind(_ random: inout SplitMix64) -> Kind {
        var rest = random.below(1000)
        for kind in Kind.allCases {
            rest -= kind.share
            if rest < 0 { return kind }
        }
        return .stillOpen
    }

    /// The connection of this number. No two have the same addresses and ports.
    private func start(
        _ steps: [Step], _ number: Int, _ time: UInt64, _ random: inout SplitMix64
    ) -> Talk {
        let services: [UInt16] = [443, 80, 22, 5432, 3306, 6379, 8080, 9092, 25, 993, 8443]
        let port = services[min(services.count - 1, Int(random.exponential(mean: 2.5)))]
        // 4096 clients; each takes its ports in turn.
        let client = number & 0xfff
        let clientPort = UInt16(32768 + number >> 12 % 28232)
        let server = random.below(500)
        let isIPv6 = random.chance(perMille: 100)
        func host(_ network: Int, _ host: Int, _ port: UInt16) -> Host {
            let number = random.next()
            let (first, clock) = (UInt32(number >> 32), UInt32(truncatingIfNeeded: number))
            if isIPv6 {
                return Host(
                    network: UInt16(network), host: UInt64(host), port: port, sendNext: first,
                    clock: clock)
            }
            // 10.0.0.0/8 and 198.18.0.0/15, RFC 2544's addresses for benchmarks.
            let address = network == 1 ? 0x0a01_0001 : 0xc612_0001
            return Host(UInt32(address + host), port: port, sendNext: first, clock: clock)
        }
        let pace =
            isVaried
            ? Pace(
                gap: random.spread(20...1000),
                answers: [random.spread(50...3000), random.spread(200...60_000)],
                thought: random.spread(25_000...1_500_000))
            : Pace(gap: 100, answers: [150, 300], thought: 500)
        let count =
            isVaried
            ? random.heavyTailed(from: segments.lowerBound, shape: 1.2, upTo: segments.upperBound)
            : Int(segments.lowerBound)
                + random.below(Int(segments.upperBound - segments.lowerBound))
        let bulk: Party? = isVaried ? random.chance(perMille: 800) ? .server : .client : nil
        return Talk(
            steps, client: host(1, client, clientPort), server: host(2, server, port), pace: pace,
            transfer: Transfer(
                segments: count, bulk: bulk, repeatsPerMille: repeatsPerMille, &random),
            at: time)
    }
}
