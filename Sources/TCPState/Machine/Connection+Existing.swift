public import Wire

/// An end of a connection that was there before any of its segments was seen, as a kernel's socket table has it.
public struct ExistingEnd: Hashable, Sendable {
    /// Its state.
    public let state: State
    /// Since when, at the latest.
    public let since: Timestamp
    /// When it last heard from its peer.
    public let lastHeard: Timestamp

    /// Joins the three.
    public init(state: State, since: Timestamp, lastHeard: Timestamp) {
        self.state = state
        self.since = since
        self.lastHeard = lastHeard
    }
}

extension Connection {
    /// A connection that was there before any of its segments was seen. The states are assumed; an end of which
    /// nobody tells anything is in none.
    public init(
        existing low: ExistingEnd?, _ high: ExistingEnd?, opener: Side, serial: UInt32,
        stream: UInt32, at time: Timestamp
    ) {
        let known = [low, high].compactMap { $0 }
        self.init(
            serial: serial, stream: stream, first: Segment(), from: opener,
            at: known.map(\.since).min() ?? time, frame: 0)
        anomalies = [.midStream, .presentBefore]
        self.opener = opener
        lastSeen = known.map(\.lastHeard).max() ?? time
        for (end, known) in [low, high].enumerated() {
            guard let known else { continue }
            ends[end].state = known.state
            ends[end].since = known.since
        }
    }

    /// Goes on with a connection of an earlier run: what has become of it since nobody saw.
    public mutating func resume() {
        anomalies.insert(.presentBefore)
        for end in 0...1 { ends[end].grade = .assumed }
    }
}
