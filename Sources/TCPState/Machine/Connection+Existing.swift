public import Wire

extension Connection {
    /// A connection that was there before any of its segments was seen, in states that somebody else
    /// tells: a kernel's socket table. They are assumed, from `time` on.
    public init(
        existing states: (low: State, high: State), opener: Side, serial: UInt32, stream: UInt32,
        at time: Timestamp
    ) {
        self.init(
            serial: serial, stream: stream, first: Segment(), from: opener, at: time, frame: 0)
        anomalies = .midStream
        self.opener = opener
        for (end, state) in [states.low, states.high].enumerated() {
            ends[end].state = state
            ends[end].since = time
        }
    }
}
