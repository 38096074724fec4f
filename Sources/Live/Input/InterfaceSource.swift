import Capture
import Wire

/// The frames of network interfaces, by their kernel's clock.
final class InterfaceSource: FrameSource {
    private var reader: LiveReader

    /// Opens interfaces.
    init(interfaces: [String], _ settings: LiveReader.Settings) throws(CaptureError) {
        reader = try LiveReader(interfaces: interfaces, settings)
    }

    func start() {}

    func read(atMost count: Int, now: Timestamp, _ body: (borrowing Frame) -> Void) -> Bool {
        InterfaceSource.read(count, of: &reader, now, body)
    }

    private static func read(
        _ count: Int, of reader: inout LiveReader, _ now: Timestamp,
        _ body: (borrowing Frame) -> Void
    ) -> Bool {
        for _ in 0..<count {
            switch reader.next(now: now) {
            case .frame(let frame): body(frame)
            case .nothing: return true
            }
        }
        return false
    }

    func clock(_ now: Timestamp) -> Timestamp { now }

    var latency: TimeSpan { reader.latency }

    var descriptors: [Int32] { reader.descriptors }

    var isAtEnd: Bool { false }

    var names: [String] { reader.interfaces }

    var lost: [String] { reader.lost }

    var linkTypes: Set<LinkType> { reader.linkTypes }

    var statistics: LiveCapture.Statistics { reader.statistics }

    func takeErrors() -> [CaptureError] { reader.takeErrors() }

    func reopenLost() -> [String] { reader.reopenLost() }
}
