internal import TCPState

/// How many segments of a direction had which fate, between two neighbouring taps.
public struct FateCounts: Sendable {
    /// Segments by ``SegmentFate``.
    private var counts = [UInt64](repeating: 0, count: SegmentFate.allCases.count)
    /// Segments that arrived after one that was sent later.
    public private(set) var reordered: UInt64 = 0
    /// Segments that arrived with other fields.
    public private(set) var altered: UInt64 = 0

    /// Nothing.
    public init() {}

    /// The number of a fate.
    public subscript(fate: SegmentFate) -> UInt64 { counts[Int(fate.rawValue)] }

    /// Counts a direction of a connection; what arrived counts once, by its sender's tap.
    mutating func count(_ pair: PairComparison, _ stream: Stream) {
        let (sender, receiver) = (stream.senderTapSide, stream.senderTapSide.other)
        let (sent, received) = (pair.tap(sender).segments, pair.tap(receiver).segments)
        let shift = stream.isOutward ? stream.acknowledged : 0 &- stream.acknowledged
        var latest = -1
        for number in stream.segments(at: sender) {
            let fate = pair.fate(of: number, at: sender)
            counts[Int(fate.rawValue)] += 1
            guard fate == .arrived, let other = pair.counterpart(of: number, at: sender) else {
                continue
            }
            if other < latest { reordered += 1 } else { latest = other }
            let changes = Alteration(from: sent[number], to: received[other], acknowledged: shift)
            // Windows and identifications mean nothing else.
            if !changes.isDisjoint(with: [.acknowledgment, .flags, .timestamps, .payload]) {
                altered += 1
            }
        }
        for number in stream.segments(at: receiver) {
            let fate = pair.fate(of: number, at: receiver)
            if fate != .arrived, fate != .regrouped { counts[Int(fate.rawValue)] += 1 }
        }
    }

    /// Adds another tally.
    public static func += (a: inout FateCounts, b: FateCounts) {
        for index in a.counts.indices { a.counts[index] += b.counts[index] }
        a.reordered += b.reordered
        a.altered += b.altered
    }
}

extension PairComparison {
    /// The tally of a connection's direction.
    ///
    /// - Parameter isOutward: whether from the first tap to the second.
    public func fateCounts(match: Int, isOutward: Bool) -> FateCounts {
        var fateCounts = FateCounts()
        let side = isOutward ? outward[match] : outward[match].peer
        fateCounts.count(self, Stream(self, match: match, side: side))
        return fateCounts
    }

    /// The tally of all connections.
    public func fateCounts(isOutward: Bool) -> FateCounts { totals[isOutward ? 0 : 1] }
}
