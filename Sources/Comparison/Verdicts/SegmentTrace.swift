public import TCPState
internal import Wire

/// One segment on its way past the taps, in the direction in which it travels.
public struct SegmentTrace: Sendable {
    /// Who sent it, by its header.
    public let sender: Role
    /// The taps that saw it and its index there, from its sender's side on.
    public let sightings: [Sighting]
    /// What became of it before the first tap that saw it; nil where that is the nearest to its sender.
    public let before: Gap?
    /// What became of it behind the last tap that saw it; nil where that is the nearest to its receiver.
    public let after: Gap?

    /// A tap that saw it.
    public struct Sighting: Hashable, Sendable {
        /// The tap's index.
        public let tap: Int
        /// The segment's index in the tap's segments.
        public let segment: Int
    }

    /// The stretch between two taps on which it appeared, or vanished.
    public struct Gap: Sendable {
        /// The taps, in the direction of travel.
        public let from: Int
        /// The next one.
        public let to: Int
        /// What the pair of taps says.
        public let fate: SegmentFate
    }

    /// Follows a segment from tap to tap.
    ///
    /// - Parameters:
    ///   - segment: its index in the tap's segments.
    ///   - tap: a tap that saw it.
    ///   - path: its connection.
    public init(
        _ segment: Int, at tap: Int, of path: PathConnection, _ comparison: Comparison
    ) {
        let taps = comparison.taps
        sender = path.role(of: taps[tap].segments[segment], at: tap)
        let step = path.goesForward(sender) ? 1 : -1
        var sightings = [Sighting(tap: tap, segment: segment)]
        /// The segment at the next tap, and what the pair says.
        func next(_ from: Sighting, _ step: Int) -> (Sighting?, SegmentFate)? {
            let to = from.tap + step
            guard taps.indices.contains(to) else { return nil }
            let pair = comparison.pairs[min(from.tap, to)]
            let tapSide: PairComparison.TapSide = step > 0 ? .near : .far
            let fate = pair.fate(of: from.segment, at: tapSide)
            guard fate == .arrived else { return (nil, fate) }
            return pair.counterpart(of: from.segment, at: tapSide)
                .map { (Sighting(tap: to, segment: $0), fate) }
        }
        var before: Gap?
        while let (found, fate) = next(sightings[0], -step) {
            guard let found else {
                before = Gap(from: sightings[0].tap - step, to: sightings[0].tap, fate: fate)
                break
            }
            sightings.insert(found, at: 0)
        }
        var after: Gap?
        while let (found, fate) = next(sightings[sightings.count - 1], step) {
            guard let found else {
                let last = sightings[sightings.count - 1].tap
                after = Gap(from: last, to: last + step, fate: fate)
                break
            }
            sightings.append(found)
        }
        self.sightings = sightings
        self.before = before
        self.after = after
    }

    /// Whether it was made between two taps.
    public var isMadeBetween: Bool { before?.fate == .injected }
    /// Whether it was lost between two taps.
    public var isLost: Bool { after?.fate == .lost }
    /// Whether all taps saw it.
    public var isWhole: Bool { before == nil && after == nil }
}
