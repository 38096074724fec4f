import Capture
import Wire

@testable import Host
@testable import Live

/// A host whose clock goes on only while a run waits.
final class FakeHost: LiveHost {
    private(set) var now: Timestamp

    init(at now: Timestamp = Timestamp(nanoseconds: 1_700_000_000_000_000_000)) { self.now = now }

    func wait(on descriptors: [Int32], milliseconds: Int32) -> Bool {
        pause(.milliseconds(Int64(milliseconds)))
        return false
    }

    func pause(_ span: TimeSpan) { now = now + span }
}

/// Frames that come when the host's clock shows their time.
final class FakeSource: FrameSource {
    private let frames: [(bytes: [UInt8], time: Timestamp)]
    private let host: FakeHost
    private let end: Timestamp
    private var next = 0
    /// What the kernel is said to have counted.
    var statistics = LiveCapture.Statistics()
    private(set) var isStarted = false

    /// - Parameter end: when the run is to end.
    init(_ frames: [(bytes: [UInt8], time: Timestamp)], _ host: FakeHost, end: Timestamp) {
        self.frames = frames.sorted { $0.time < $1.time }
        self.host = host
        self.end = end
    }

    func start() { isStarted = true }

    func read(atMost count: Int, now: Timestamp, _ body: (borrowing Frame) -> Void) -> Bool {
        for _ in 0..<count {
            guard next < frames.count, frames[next].time <= now else { return true }
            let (bytes, time) = frames[next]
            next += 1
            body(
                Frame(
                    bytes: bytes.span, wireLength: bytes.count, timestamp: time,
                    linkType: .ethernet, interface: 0, file: 0, number: UInt64(next)))
        }
        return false
    }

    func clock(_ now: Timestamp) -> Timestamp { now }
    var latency: TimeSpan { .milliseconds(200) }
    var descriptors: [Int32] { [] }
    var isAtEnd: Bool { next == frames.count && host.now >= end }
    var names: [String] { ["test0"] }
    var lost: [String] { [] }
    var linkTypes: Set<LinkType> { [.ethernet] }
    func takeErrors() -> [CaptureError] { [] }
    func reopenLost() -> [String] { [] }
}

/// Sockets and processes as a test has them.
final class FakeSockets: SocketSource {
    var table: [KernelSocket]?
    var processes: [UInt64: Process]?
    private(set) var questions = 0

    /// The sockets of a table as in proc(5), without its head.
    init(_ lines: String) { table = KernelSocket.sockets(in: "head\n" + lines) }

    func sockets() -> [KernelSocket]? { table }
    var descriptor: Int32 { -1 }
    func ask() { questions += 1 }
    func answer() -> [UInt64: Process]? { processes }
}
