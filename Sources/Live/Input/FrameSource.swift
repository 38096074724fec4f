import Capture
import Wire

/// Where a live run's frames come from.
protocol FrameSource: AnyObject {
    /// Begins to read, where that takes a thread.
    func start()

    /// Shows the frames that are there to `body`, so many at most. Returns whether that was all.
    func read(atMost count: Int, now: Timestamp, _ body: (borrowing Frame) -> Void) -> Bool

    /// The time on the clock of the packets' time stamps, when this host's clock shows `now`.
    func clock(_ now: Timestamp) -> Timestamp

    /// For how long a packet may be on its way here: timers run so far behind the clock.
    var latency: TimeSpan { get }

    /// What to wait on for packets, with poll(2).
    var descriptors: [Int32] { get }

    /// Whether no packet will come any more.
    var isAtEnd: Bool { get }

    /// The interfaces' names, by number; `-` for a pipe.
    var names: [String] { get }

    /// The interfaces that are lost at the moment.
    var lost: [String] { get }

    /// The link types of the interfaces that are open.
    var linkTypes: Set<LinkType> { get }

    /// What the kernel counted on all interfaces since the beginning.
    var statistics: LiveCapture.Statistics { get }

    /// What went wrong since the last call.
    func takeErrors() -> [CaptureError]

    /// Tries to open the interfaces that are lost. Returns the names of those that are back.
    func reopenLost() -> [String]
}
