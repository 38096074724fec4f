internal import TCPState
internal import Wire

extension PairComparison {
    /// Compares two neighbouring taps.
    init(comparing near: Tap, with far: Tap) {
        var matcher = ConnectionMatcher(near, far)
        self.init(near, far, matcher.run())
        forEachMatch { pair, match in
            for side in Side.allCases {
                ExactMatcher.match(Stream(pair, match: match, side: side), in: &pair)
            }
        }
        Orientation.orient(&self)
        clock = estimatedClock()
        let delays = PathDelays(self)
        middleDelays = delays.middles
        let timed = TimedMatcher(delays)
        let fates = FateAssigner(delays)
        forEachMatch { pair, match in
            for side in Side.allCases {
                let stream = Stream(pair, match: match, side: side)
                timed.match(stream, in: &pair)
                fates.assignCoverage(&pair, stream)
            }
            fates.noteLateStarts(pair.matches[match], &pair)
        }
        forEachMatch { pair, match in
            let streams = Side.allCases.map { Stream(pair, match: match, side: $0) }
            fates.assign(streams[0], streams[1], &pair)
            fates.assign(streams[1], streams[0], &pair)
            for stream in streams { pair.totals[stream.isOutward ? 0 : 1].count(pair, stream) }
        }
        assignStrays(fates)
    }

    /// Calls `body` with each match whose segments are compared, on all processors: it sees and changes the segments of
    /// that match alone. What it finds of all matches is joined.
    private mutating func forEachMatch(
        _ body: @Sendable (inout PairComparison, _ match: Int) -> Void
    ) {
        let pair = self
        let stretches = stretches(of: matches.count)
        let parts = concurrentMap(stretches.count) { index in
            var part = pair
            for match in stretches[index] where pair.matches[match].kind != .relayed {
                body(&part, match)
            }
            return (part.coverage, part.totals)
        }
        for (found, tallies) in parts {
            coverage.formUnion(found)
            for index in totals.indices { totals[index] += tallies[index] }
        }
    }

    private func estimatedClock() -> ClockModel {
        guard let first = near.counts.first, let last = near.counts.last else {
            return ClockModel()
        }
        var estimator = ClockEstimator(
            first: first, last: last,
            resolution: max(near.counts.resolution, far.counts.resolution))
        for match in matches.indices where matches[match].kind != .relayed {
            for index in near.all(of: matches[match].near) {
                let segment = near.segments[index]
                // Acknowledgments without identification could be a box's.
                guard segment.isSequenced || segment.identification != 0,
                    let other = counterpart(of: index, at: .near)
                else { continue }
                estimator.add(
                    near: segment.time, far: far.segments[other].time,
                    isOutward: isOutward(segment.side, of: match))
            }
        }
        return estimator.model()
    }

    // MARK: Connections that one tap saw

    /// Connections that only the opener's tap saw, to servers that others have reached past both taps, and in which the
    /// server sent nothing: it was not reached, or a box answered in its place.
    private mutating func assignStrays(_ fates: FateAssigner) {
        for tapSide in TapSide.allCases {
            var servers: Set<Address> = []
            var ports: Set<UInt16> = []
            for (index, match) in matches.enumerated() where match.kind != .relayed {
                let own = tapSide == .near ? match.near : match.far
                let connection = tap(tapSide).connections[own]
                let opener = near.connections[match.near].opener
                guard isOutward(opener, of: index) == (tapSide == .near) else { continue }
                let server = connection.opener.peer
                servers.insert(connection.key.address(server))
                ports.insert(connection.key.port(server))
            }
            for (number, connection) in tap(tapSide).connections.enumerated()
            where connection.isOpenerKnown && match(of: number, at: tapSide) == nil {
                let server = connection.opener.peer
                // With several ports, no filter has chosen a single one.
                guard servers.contains(connection.key.address(server)),
                    ports.count > 1 || ports.contains(connection.key.port(server)),
                    !hasData(number, tapSide, server)
                else { continue }
                strays[tapSide.rawValue].append(number)
                fates.assignStray(number, at: tapSide, sender: connection.opener, &self)
            }
        }
    }

    private func hasData(_ connection: Int, _ tapSide: TapSide, _ side: Side) -> Bool {
        tap(tapSide).segments[tap(tapSide).sent(by: side, of: connection)].contains {
            $0.payloadLength > 0 || $0.flags.contains(.fin)
        }
    }
}
