/// Which hosts send wrong TCP checksums, as far as a capture shows.
///
/// A network card that computes checksums itself gets frames without them, and a capture on that host
/// sees them so: every frame it sends looks wrong, and none of the other hosts'. Damage on the way,
/// in contrast, is rare and hits all.
public struct ChecksumStatistics: Sendable {
    /// Verdicts on the frames that one host sent.
    public struct Count: Equatable, Sendable {
        /// Frames whose TCP checksum is right.
        public var correct: UInt64 = 0
        /// Frames whose TCP checksum is wrong.
        public var wrong: UInt64 = 0
        /// Frames that were not captured whole, or are fragments.
        public var notCaptured: UInt64 = 0

        /// None.
        public init() {}
    }

    /// So many hosts are told apart; frames of further ones are counted in ``others``.
    public static let hostLimit = 65_536

    /// The counts by sender.
    public private(set) var hosts: [Address: Count] = [:]
    /// The counts of senders beyond the limit.
    public private(set) var others = Count()

    /// Nothing judged.
    public init() {}

    /// What was counted elsewhere.
    public init(hosts: [Address: Count], others: Count) {
        self.hosts = hosts
        self.others = others
    }

    /// Adds what was counted of the frames that follow. Hosts beyond the limit are counted in ``others``.
    public mutating func add(_ later: ChecksumStatistics) {
        others.add(later.others)
        // In an order that does not change from run to run.
        for host in later.hosts.keys.sorted() {
            guard let count = later.hosts[host] else { continue }
            if hosts[host] == nil && hosts.count >= Self.hostLimit {
                others.add(count)
            } else {
                hosts[host, default: Count()].add(count)
            }
        }
    }

    /// Judges one frame; linear in its length. Frames without TCP are left out.
    public mutating func inspect(_ bytes: Span<UInt8>, linkType: LinkType, wireLength: Int) {
        let decoder = Decoder()
        var segment = Segment()
        guard
            decoder.decode(bytes, linkType: linkType, wireLength: wireLength, into: &segment)
                == .segment,
            let sums = decoder.checksums(bytes, linkType: linkType, wireLength: wireLength)
        else { return }
        if hosts[segment.source] == nil && hosts.count >= Self.hostLimit {
            others.add(sums.transport)
        } else {
            hosts[segment.source, default: Count()].add(sums.transport)
        }
    }

    /// The same with other addresses, for output.
    public func replacingAddresses(_ replacement: (Address) -> Address) -> ChecksumStatistics {
        var result = self
        result.hosts = [:]
        for (host, count) in hosts { result.hosts[replacement(host), default: Count()].add(count) }
        return result
    }

    /// All counts added up.
    public var total: Count {
        hosts.values.reduce(into: others) { $0.add($1) }
    }

    /// The hosts whose card computes checksums: more than half of what they sent, and at least
    /// three frames, are wrong, while no other host sent more than one wrong frame in a hundred.
    /// Empty where wrong ones are spread over both kinds. A card that computes them leaves the
    /// frames right that it was not asked for, resets for instance.
    public var offloading: [Address] {
        var found: [Address] = []
        for (host, count) in hosts where count.wrong > 0 {
            if count.wrong >= 3 && count.wrong > count.correct {
                found.append(host)
            } else if count.wrong * 100 > count.correct {
                return []
            }
        }
        return found.sorted()
    }
}

extension ChecksumStatistics.Count {
    fileprivate mutating func add(_ other: Self) {
        correct += other.correct
        wrong += other.wrong
        notCaptured += other.notCaptured
    }

    fileprivate mutating func add(_ verdict: ChecksumVerdict) {
        switch verdict {
        case .correct: correct += 1
        case .wrong: wrong += 1
        case .notCaptured: notCaptured += 1
        }
    }
}
