public import TCPState
internal import Wire

/// Two neighbouring taps: their connections that are the same, their clocks, and the fate of each segment.
public struct PairComparison: Sendable {
    /// The tap nearer to the clients, as the taps are ordered.
    public let near: Tap
    /// The other one.
    public let far: Tap
    /// The connections that both saw, in the order of the first tap.
    public let matches: [ConnectionMatch]
    /// How the second clock differs from the first.
    public internal(set) var clock = ClockModel()
    /// The median delays, outward and inward.
    var middleDelays: [TimeSpan?] = [nil, nil]
    /// What the ends of the captures cover.
    var coverage = Coverage()
    /// The counterparts and the fates of each tap's segments.
    private let links: [SegmentLinks]
    /// What became of all segments, outward and inward.
    var totals = [FateCounts(), FateCounts()]
    /// The match of each tap's connections; -1 for none.
    private let matchIndex: [[Int32]]
    /// Connections of each tap that should have passed the other one, and did not.
    public internal(set) var strays: [[Int]] = [[], []]
    /// The end whose segments go from the first tap to the second, by its place at the first tap, of each match.
    var outward: [Side]

    init(_ near: Tap, _ far: Tap, _ matches: [ConnectionMatch]) {
        self.near = near
        self.far = far
        self.matches = matches
        links = [near, far].map { SegmentLinks(count: $0.segments.count) }
        var index = [near, far].map { [Int32](repeating: -1, count: $0.connections.count) }
        for (number, match) in matches.enumerated() {
            index[0][match.near] = Int32(truncatingIfNeeded: number)
            index[1][match.far] = Int32(truncatingIfNeeded: number)
        }
        matchIndex = index
        outward = matches.map { near.connections[$0.near].opener }
    }

    /// Which of the two taps.
    public enum TapSide: Int, CaseIterable, Sendable {
        /// The first.
        case near = 0
        /// The second.
        case far = 1

        /// The other one.
        public var other: TapSide { self == .near ? .far : .near }
    }

    /// A tap of the pair.
    public func tap(_ tapSide: TapSide) -> Tap { tapSide == .near ? near : far }

    /// A segment's counterpart at the other tap; nil where there is none.
    public func counterpart(of segment: Int, at tapSide: TapSide) -> Int? {
        let other = links[tapSide.rawValue].counterpart(of: segment)
        return other < 0 ? nil : other
    }

    /// Whether a segment has no counterpart so far.
    func isFree(_ segment: Int, at tapSide: TapSide) -> Bool {
        links[tapSide.rawValue].counterpart(of: segment) < 0
    }

    /// What became of a segment.
    public func fate(of segment: Int, at tapSide: TapSide) -> SegmentFate {
        links[tapSide.rawValue].fate(of: segment)
    }

    /// Which ways segments of an end of a match go: true from the first tap to the second.
    ///
    /// - Parameter side: the end's place at the first tap.
    public func isOutward(_ side: Side, of match: Int) -> Bool { outward[match] == side }

    /// The match of a connection of one of the taps; nil where it has none.
    public func match(of connection: Int, at tapSide: TapSide) -> Int? {
        let index = matchIndex[tapSide.rawValue][connection]
        return index < 0 ? nil : Int(index)
    }

    /// What arrived otherwise than it was sent; empty where there is no counterpart.
    ///
    /// - Parameter segment: a segment of the first tap.
    public func alterations(of segment: Int) -> Alteration {
        guard fate(of: segment, at: .near) == .arrived,
            let other = counterpart(of: segment, at: .near),
            let index = match(of: Int(near.segments[segment].connection), at: .near)
        else { return [] }
        let (a, b) = (near.segments[segment], far.segments[other])
        let shift = matches[index].shift(of: a.side.peer)
        return isOutward(a.side, of: index)
            ? Alteration(from: a, to: b, acknowledged: shift)
            : Alteration(from: b, to: a, acknowledged: 0 &- shift)
    }

    /// Names two segments each other's counterparts.
    mutating func link(_ a: Int, _ b: Int) {
        links[0].set(.arrived, a, counterpart: b)
        links[1].set(.arrived, b, counterpart: a)
    }

    mutating func set(_ fate: SegmentFate, _ segment: Int, at tapSide: TapSide) {
        links[tapSide.rawValue].set(fate, segment)
    }

    /// Whether a segment of the first tap arrived with other bytes.
    func hasOtherPayload(_ segment: Int) -> Bool {
        let own = near.segments[segment]
        guard own.payloadLength > 0, fate(of: segment, at: .near) == .arrived,
            let other = counterpart(of: segment, at: .near)
        else { return false }
        return own.digest.contradicts(far.segments[other].digest)
    }

    /// Names a copy's original at the other tap.
    mutating func setDuplicate(_ segment: Int, of original: Int, at tapSide: TapSide) {
        links[tapSide.rawValue].set(.duplicated, segment, counterpart: original)
    }
}
