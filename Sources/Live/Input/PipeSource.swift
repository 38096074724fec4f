import Capture
import Wire

/// The frames of a capture that comes through a pipe, by the clock of its time stamps.
final class PipeSource: FrameSource {
    private let pipe: PipeReader
    private var batch = PipeReader.Batch()
    private var position = 0
    private var frames: UInt64 = 0
    /// The last time stamp, and when it was read.
    private var mark: (packet: Timestamp, host: Timestamp)?

    /// Is going to read standard input.
    init(filter: String?) throws(CaptureError) { pipe = try PipeReader(filter: filter) }

    func start() { pipe.start() }

    func read(atMost count: Int, now: Timestamp, _ body: (borrowing Frame) -> Void) -> Bool {
        for _ in 0..<count {
            if position == batch.records.count {
                guard let next = pipe.next() else { return true }
                (batch, position) = (next, 0)
            }
            let record = batch.records[position]
            position += 1
            frames += 1
            mark = (record.time, now)
            let bytes = batch.bytes.span.extracting(record.start..<(record.start + record.length))
            body(
                Frame(
                    bytes: bytes, wireLength: record.wireLength, timestamp: record.time,
                    linkType: record.linkType, interface: record.interface, file: 0, number: frames)
            )
        }
        return false
    }

    func clock(_ now: Timestamp) -> Timestamp { mark.map { $0.packet + (now - $0.host) } ?? now }

    var latency: TimeSpan { .seconds(1) }

    var descriptors: [Int32] { pipe.isAtEnd ? [] : [pipe.descriptor] }

    var isAtEnd: Bool { pipe.isAtEnd && position == batch.records.count }

    var names: [String] { ["-"] }

    var lost: [String] { [] }

    var linkTypes: Set<LinkType> { [] }

    var statistics: LiveCapture.Statistics { LiveCapture.Statistics() }

    func takeErrors() -> [CaptureError] { pipe.takeProblems() }

    func reopenLost() -> [String] { [] }
}
