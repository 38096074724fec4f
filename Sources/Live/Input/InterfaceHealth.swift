import Capture
import Wire

/// What interfaces lose, and whether they come and go: looked at once a second.
struct InterfaceHealth {
    /// What was lost since the start.
    private(set) var losses = LiveCapture.Statistics()
    private var next: Timestamp

    init(at now: Timestamp) { next = now }

    /// Opens interfaces that are back. Returns what there is to say.
    mutating func look(at input: any FrameSource, _ now: Timestamp) -> [String]? {
        guard now >= next else { return nil }
        next = now + 1_000_000_000
        var lines = input.takeErrors().map { "\($0)" }
        lines += input.reopenLost().map { "\($0): is back, capture resumed" }
        let statistics = input.statistics
        let dropped = statistics.dropped - losses.dropped
        let droppedByInterface = statistics.droppedByInterface - losses.droppedByInterface
        if dropped > 0 || droppedByInterface > 0 {
            lines.append(
                "packets lost: \(dropped) by the kernel (raise --buffer), \(droppedByInterface) by"
                    + " the interface")
        }
        losses = statistics
        return lines
    }
}
