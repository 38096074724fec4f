internal import TCPState
internal import Wire

extension PairComparison {
    /// Compares two neighbouring taps.
    init(comparing near: Tap, with far: Tap) {
        var matcher = ConnectionMatcher(near, far)
        self.init(near, far, matcher.run())
        let compared = matches.indices.filter { matches[$0].kind != .relayed }
        for match in compared {
            for side in Side.allCases {
                ExactMatcher.match(Stream(self, match: match, side: side), in: &self)
            }
        }
        Orientation.settle(&self)
        clock = estimatedClock()
        let delays = PathDelays(self)
        let timed = TimedMatcher(delays)
        // Both directions of a match, one behind the other.
        let streams = compared.flatMap { match in
            Side.allCases.map { Stream(self, match: match, side: $0) }
        }
        for stream in streams { timed.match(stream, in: &self) }
        let fates = FateAssigner(delays)
        fates.settleCoverage(&self, streams)
        for index in streams.indices { fates.assign(streams[index], streams[index ^ 1], &self) }
        assignStrays(fates)
    }

    private func estimatedClock() -> ClockModel {
        guard let first = near.counts.first, let last = near.counts.last else {
            return ClockModel()
        }
        var estimator = ClockEstimator(
            first: first, last: last,
            resolution: max(near.counts.resolution, far.counts.resolution))
        for (index, segment) in near.segments.enumerated() {
            // Acknowledgments without identification could be a box's.
            guard segment.isSequenced || segment.identification != 0,
                let other = counterpart(of: index, at: .near),
                let match = match(of: Int(segment.connection), at: .near)
            else { continue }
            estimator.add(
                near: segment.time, far: far.segments[other].time,
                isOutward: isOutward(segment.side, of: match))
        }
        return estimator.model()
    }

    // MARK: Connections that one tap saw

    /// Connections that only the opener's tap saw, to servers that others have reached past both taps, and in which the
    /// server sent nothing: it was not reached, or a box answered in its place.
    private mutating func assignStrays(_ fates: FateAssigner) {
        for place in Place.allCases {
            var servers: Set<Address> = []
            var ports: Set<UInt16> = []
            for (index, match) in matches.enumerated() where match.kind != .relayed {
                let own = place == .near ? match.near : match.far
                let connection = tap(place).connections[own]
                let opener = near.connections[match.near].opener
                guard isOutward(opener, of: index) == (place == .near) else { continue }
                let server = connection.opener.peer
                servers.insert(connection.key.address(server))
                ports.insert(connection.key.port(server))
            }
            for (number, connection) in tap(place).connections.enumerated()
            where connection.isOpenerKnown && match(of: number, at: place) == nil {
                let server = connection.opener.peer
                // With several ports, no filter has chosen a single one.
                guard servers.contains(connection.key.address(server)),
                    ports.count > 1 || ports.contains(connection.key.port(server)),
                    !hasData(number, place, server)
                else { continue }
                strays[place.rawValue].append(number)
                fates.assignStray(number, at: place, sender: connection.opener, &self)
            }
        }
    }

    private func hasData(_ connection: Int, _ place: Place, _ side: Side) -> Bool {
        tap(place).sent(by: side, of: connection).contains {
            let segment = tap(place).segments[Int($0)]
            return segment.payloadLength > 0 || segment.flags.contains(.fin)
        }
    }
}
