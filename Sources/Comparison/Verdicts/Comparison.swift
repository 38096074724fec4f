public import TCPState
public import Wire

/// What several taps on one path saw of the same connections.
public struct Comparison: Sendable {
    /// The taps, from the clients' side to the servers'.
    public let taps: [Tap]
    /// Neighbouring taps, compared: one fewer than taps.
    public let pairs: [PairComparison]
    /// The connections that two taps or more saw, or that one saw and others should have, in order of time.
    public let paths: [PathConnection]

    /// Compares taps, in the order in which the path passes them. Time is linear in segments, but for sorting.
    public init(_ taps: [Tap]) {
        self.taps = taps
        pairs = zip(taps, taps.dropFirst()).map { PairComparison(comparing: $0, with: $1) }
        paths = Comparison.paths(pairs, taps)
    }

    /// Connections of a tap that were matched with none.
    public func unmatched(at tap: Int) -> Int {
        let count = taps[tap].connections.indices.count { connection in
            let before = tap > 0 && pairs[tap - 1].match(of: connection, at: .far) != nil
            let after =
                tap < pairs.count && pairs[tap].match(of: connection, at: .near) != nil
            return !before && !after
        }
        return count
    }

    /// The first path with a connection at any tap whose addresses and ports are those that are meant.
    public func firstPath(where isMeant: (FlowKey) -> Bool) -> Int? {
        paths.firstIndex { path in
            path.seenBy.contains { tap in
                path.parts[tap].map { isMeant(taps[tap].connections[$0].key) } ?? false
            }
        }
    }

    /// Whether no connection of any tap was found at another one.
    public var isUnrelated: Bool { pairs.allSatisfy(\.matches.isEmpty) }

    private static func paths(_ pairs: [PairComparison], _ taps: [Tap]) -> [PathConnection] {
        var paths: [PathConnection] = []
        for (first, tap) in taps.enumerated() where first < pairs.count {
            for connection in tap.connections.indices {
                // What came from a tap before is part of that path.
                if first > 0, pairs[first - 1].match(of: connection, at: .far) != nil { continue }
                guard pairs[first].match(of: connection, at: .near) != nil else { continue }
                paths.append(PathConnection(first: first, connection, pairs, taps))
            }
        }
        for (index, pair) in pairs.enumerated() {
            for tapSide in PairComparison.TapSide.allCases {
                let tap = tapSide == .near ? index : index + 1
                for connection in pair.strays[tapSide.rawValue] {
                    paths.append(PathConnection(stray: connection, at: tap, tapSide, taps))
                }
            }
        }
        return paths.sorted { ($0.first, $0.order) < ($1.first, $1.order) }
    }
}

extension Comparison {
    /// A moment of a tap's clock by the first tap's.
    public func time(_ time: Timestamp, at tap: Int) -> Timestamp {
        pairs[..<tap].reversed().reduce(time) { $1.clock.near($0) }
    }

    /// Whether segments of a connection at a tap never passed the other tap of a pair.
    func isLost(_ connection: Int, at tap: Int, _ pair: Int) -> Bool {
        let tapSide: PairComparison.TapSide = pair == tap ? .near : .far
        return taps[tap].all(of: connection).contains {
            pairs[pair].fate(of: $0, at: tapSide) == .lost
        }
    }

    /// How far the truth may lie from ``time(_:at:)``; 0 where nothing bounds it.
    ///
    /// - Parameter time: by the tap's own clock.
    public func clockMargin(_ time: Timestamp, at tap: Int) -> TimeSpan {
        var (moment, sum) = (time, TimeSpan(nanoseconds: 0))
        for pair in pairs[..<tap].reversed() {
            moment = pair.clock.near(moment)
            let margin = pair.clock.margin(at: moment)
            if margin < .seconds(1) { sum = sum + margin }
        }
        return sum
    }
}
