internal import TCPState
internal import Tracking
internal import Wire

/// Plays a ``Script`` to a tracker and checks the books.
func fuzzTracker(_ bytes: Span<UInt8>) {
    guard var script = Script(bytes) else { return }
    var tracker = Tracker(
        observer: Bookkeeper(), profile: StackProfile.all[script.profile],
        maximumConnections: script.limit)
    var number: UInt64 = 0
    while let (frame, time) = script.nextFrame() {
        number += 1
        let linkType: LinkType = frame[0] >> 4 == 4 ? .raw : .ethernet
        // The payload is on the wire and not in the capture.
        let wireLength = frame.count + 66_000
        tracker.take(
            frame.span, linkType: linkType, wireLength: wireLength, at: time, interface: 0,
            frame: number)
    }
    tracker.observer.end = tracker.account.last
    tracker.finish()
    let account = tracker.account
    require(account.frames == number, "frames were lost")
    require(account.frames == account.segments + account.totalSetAside, "the account has a hole")
    require(account.connections == UInt64(tracker.observer.records.count), "a connection was lost")
    tracker.observer.check(segments: account.segments)
}
