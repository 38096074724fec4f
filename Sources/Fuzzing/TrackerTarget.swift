internal import TCPState
internal import Tracking
internal import Wire

/// Plays a ``Script`` to a tracker and checks the books.
func fuzzTracker(_ bytes: Span<UInt8>) {
    guard let script = Script(bytes) else { return }
    var tracker = script.tracker
    let number = script.play(to: &tracker)
    tracker.observer.end = tracker.counts.last
    tracker.finish()
    let counts = tracker.counts
    require(counts.frames == number, "frames were lost")
    require(counts.frames == counts.segments + counts.totalSetAside, "the account has a hole")
    require(counts.connections == UInt64(tracker.observer.records.count), "a connection was lost")
    tracker.observer.check(segments: counts.segments)
}
