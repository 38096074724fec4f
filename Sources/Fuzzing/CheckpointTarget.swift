internal import Coding
internal import TCPState
internal import Tracking
internal import Wire

/// A script makes connections, which are written down with all that a tracker and its history know; the third byte says
/// how many of the bytes are changed then, three bytes each: two for the place, one for the value. Another tracker reads
/// that, and goes on with the same script. What nobody has changed goes on as if nothing had been written.
func fuzzCheckpoint(_ bytes: Span<UInt8>) {
    guard let damaged = DamagedScript(bytes) else { return }
    let script = damaged.script
    var first = script.tracker(TransitionHistory())
    script.play(to: &first)
    let written = encoded(&first)
    var second = script.tracker(TransitionHistory())
    require(read(written, into: &second), "what was written is not read")
    require(encoded(&second) == written, "it is read as something else")
    script.play(to: &first)
    script.play(to: &second)
    require(encoded(&second) == encoded(&first), "it goes on in another way")
    if damaged.changes.isEmpty { return }
    var third = script.tracker(TransitionHistory())
    guard read(damaged.damage(written), into: &third) else { return }
    script.play(to: &third)
    third.finish()
    _ = third.observer.timeline()
}

private func encoded(_ tracker: inout Tracker<TransitionHistory>) -> [UInt8] {
    var coder = BinaryCoder()
    tracker.code(&coder)
    tracker.observer.code(&coder)
    return coder.bytes
}

private func read(_ bytes: [UInt8], into tracker: inout Tracker<TransitionHistory>) -> Bool {
    var coder = BinaryCoder(reading: bytes)
    tracker.code(&coder)
    tracker.observer.code(&coder)
    return coder.isWhole
}
