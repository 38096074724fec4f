/// The least that reading a capture can cost. What wirestate does is measured against these.
enum Baseline: String, CaseIterable {
    /// libpcap's loop with an empty callback: the floor of all that is built on libpcap.
    case noop
    /// libpcap's loop, the headers decoded, one 64-byte entry for each flow.
    case pcaphash
    /// The mapped file walked through, decoded, with the same entries: the floor of any tracker.
    case mmaphash

    /// Reads a classic pcap file of Ethernet frames to its end.
    func run(_ path: String) throws(BenchmarkError) -> Walked {
        switch self {
        case .noop: try PcapLoop(path).countFrames()
        case .pcaphash: try PcapLoop(path).countFlows()
        case .mmaphash: try MappedCapture(path).countFlows()
        }
    }
}

/// What a baseline found.
struct Walked {
    var frames = 0
    /// TCP frames and flows; nil if nobody looked.
    var segments: Int?
    var flows: Int?
}
