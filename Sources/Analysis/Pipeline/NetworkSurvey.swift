import Capture
public import Wire

extension AddressMask {
    /// A mask for the captures of an analysis, which are read for the networks that they have: until there are more
    /// than can be told apart, and not at all where they are read only once (pipes, growing files).
    public init(key: (UInt64, UInt64), for options: AnalysisOptions) {
        self.init(key: key, networks: NetworkSurvey(options).networks ?? [])
    }
}

/// The IPv4 networks of captures.
struct NetworkSurvey {
    /// The first 24 bits of all IPv4 addresses; nil where they are too many, or not to be known.
    private(set) var networks: Set<UInt32>? = []

    init(_ options: AnalysisOptions) {
        guard !options.follow, var reader = try? CaptureReader(options, nil),
            reader.totalBytes != nil
        else {
            networks = nil
            return
        }
        let decoder = Decoder()
        var segment = Segment()
        reader.forEachFrame { frame in
            switch decoder.decode(
                frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength, into: &segment)
            {
            case .segment: break
            case .icmpError(let error): insert(error.reporter)
            case .setAside: return true
            }
            insert(segment.source)
            insert(segment.destination)
            return networks != nil
        }
    }

    private mutating func insert(_ address: Address) {
        guard address.isIPv4 else { return }
        networks?.insert(UInt32(truncatingIfNeeded: address.low) >> 8)
        if networks?.count ?? 0 > AddressMask.knownNetworks { networks = nil }
    }
}
