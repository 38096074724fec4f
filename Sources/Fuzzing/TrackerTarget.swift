internal import TCPState
internal import Tracking
internal import Wire

/// Plays a ``Script`` to a tracker and checks the books.
func fuzzTracker(_ bytes: Span<UInt8>) {
    guard let script = Script(bytes) else { return }
    var tracker = script.tracker
    let number = script.play(to: &tracker)
    tracker.observer.end = tracker.account.last
    tracker.finish()
    let account = tracker.account
    require(account.frames == number, "frames were lost")
    require(account.frames == account.segments + account.totalSetAside, "the account has a hole")
    require(account.connections == UInt64(tracker.observer.records.count), "a connection was lost")
    tracker.observer.check(segments: account.segments)
}
