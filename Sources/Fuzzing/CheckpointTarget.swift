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
    var first = tracker(of: script)
    play(script, to: &first)
    let written = encoded(&first)
    var second = tracker(of: script)
    require(read(written, into: &second), "what was written is not read")
    require(encoded(&second) == written, "it is read as something else")
    play(script, to: &first)
    play(script, to: &second)
    require(encoded(&second) == encoded(&first), "it goes on in another way")
    if damaged.changes.isEmpty { return }
    var changed = written
    for (high, low, value) in damaged.changes {
        changed[(Int(high) << 8 | Int(low)) % changed.count] = value
    }
    var third = tracker(of: script)
    guard read(changed, into: &third) else { return }
    play(script, to: &third)
    third.finish()
    _ = third.observer.timeline()
}

private func tracker(of script: Script) -> Tracker<TransitionHistory> {
    Tracker(
        observer: TransitionHistory(), profile: StackProfile.all[script.profile],
        maximumConnections: script.limit)
}

private func play(_ script: Script, to tracker: inout Tracker<TransitionHistory>) {
    var script = script
    var number = tracker.account.frames
    while let (frame, time) = script.nextFrame() {
        number &+= 1
        tracker.take(
            frame.span, linkType: Script.linkType(of: frame),
            wireLength: Script.wireLength(of: frame), at: time, interface: 0, frame: number)
    }
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
