import Capture
import Synchronization
import Wire

/// Frames that were dealt out together, to each worker its own.
///
/// The dealer writes it, then workers read it, until all of them are done with it.
final class Deal: @unchecked Sendable {
    /// When every worker has to turn its timers: before its first frame of this place or a later one.
    struct Turn {
        let place: UInt32
        let time: Timestamp
    }

    /// The frames by worker. Their places are counted from the deal's first frame, from 0.
    var hands: FrameHands
    var turns: [Turn] = []
    /// How many frames came before it in the run.
    var framesBefore: UInt64 = 0
    /// Whether it is the last one, which has no frames.
    var isEnd = false
    /// What the reader has left by now: nobody looks at it once all are done.
    var pieces = FrameMemory.Pieces()
    /// Workers that are not done with it.
    let pending = Atomic(0)

    init(workers: Int) { hands = FrameHands(count: workers) }
}
