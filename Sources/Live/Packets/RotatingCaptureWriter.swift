import Capture
import Diagnosis
import Host
import POSIX
import Wire

/// Writes what is captured to files that follow each other: see ``CaptureSeries``. Another thread writes them:
/// a disk that stalls costs frames, which are counted, once ``limit`` bytes wait.
final class RotatingCaptureWriter {
    private let series: CaptureSeries
    private let queue = BackgroundQueue("packets", limit: RotatingCaptureWriter.limit)
    private let rotation: FileRotation
    private var buffer: [UInt8] = []
    private var bufferedFrames: UInt64 = 0
    /// Bytes and frames of the file that is written, what waits included.
    private var size = RotatingCaptureWriter.headerLength
    private var frames: UInt64 = 0
    private var begun: Timestamp?
    private var isStalled = false
    /// Who is told of trouble.
    var say: ([String]) -> Void = { _ in }

    /// The most that may wait to be written, in bytes.
    private static let limit = 64 << 20
    private static let chunk = 1 << 18
    private static let headerLength = 24

    /// Begins the first file.
    init(
        path: String, rotation: FileRotation, keep: Int?, linkType: LinkType, snapshotLength: Int,
        owner: User?
    ) throws(OutputError) {
        self.rotation = rotation
        series = try CaptureSeries(
            CaptureFileName(path: path, isNumbered: rotation != .never), keep: keep,
            header: RotatingCaptureWriter.header(linkType, snapshotLength), owner: owner)
    }

    /// The file that is written.
    var current: String { series.status.current }

    /// Frames that could not be written.
    var lostFrames: UInt64 { series.status.lostFrames }

    /// Appends a frame, to the next file if this one is full.
    func write(_ bytes: Span<UInt8>, wireLength: Int, at time: Timestamp) {
        let start = begun ?? time
        begun = start
        if isFull(bytes.count, time - start) {
            next()
            begun = time
        }
        let second = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        append(UInt32(truncatingIfNeeded: second.quotient))
        append(UInt32(truncatingIfNeeded: second.remainder))
        append(UInt32(truncatingIfNeeded: bytes.count))
        append(UInt32(truncatingIfNeeded: max(wireLength, bytes.count)))
        unsafe bytes.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
        size += 16 + bytes.count
        frames += 1
        bufferedFrames += 1
        if buffer.count >= RotatingCaptureWriter.chunk { submit() }
    }

    /// Hands over what is there, and says what has become of what was handed over before.
    func flush() {
        submit()
        let messages = series.takeMessages()
        if !messages.isEmpty { say(messages) }
    }

    /// Begins the file anew, after the old one was moved away; with rotation, the next one.
    func reopen() { next() }

    /// Writes the rest, for that long at most.
    func finish(within span: TimeSpan) {
        submit()
        if !queue.finish(within: span) {
            say(["\(current): writing stalled: packets since then are lost"])
        }
        flush()
        if lostFrames > 0 {
            say(["\(current): \(Count(lostFrames).of("frame")) could not be written"])
        }
    }

    private func isFull(_ count: Int, _ duration: TimeSpan) -> Bool {
        guard frames > 0 else { return false }
        return switch rotation {
        case .never: false
        case .time(let limit): duration >= limit
        case .size(let limit): size + 16 + count > limit
        }
    }

    private func next() {
        submit()
        queue.add(cost: 0) { [series] in series.next() }
        size = RotatingCaptureWriter.headerLength
        frames = 0
        begun = nil
    }

    private func submit() {
        guard bufferedFrames > 0 else { return }
        let (records, count) = (buffer, bufferedFrames)
        let isAdded = queue.add(cost: records.count) { [series] in
            series.write(records, frames: count)
        }
        if !isAdded {
            series.noteLost(count)
            if !isStalled { say(["\(current): the disk is too slow: frames are lost"]) }
        }
        isStalled = !isAdded
        buffer.removeAll(keepingCapacity: true)
        bufferedFrames = 0
    }

    /// The header of a classic pcap file with nanoseconds, in this host's byte order.
    private static func header(_ linkType: LinkType, _ snapshotLength: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ number: some FixedWidthInteger) {
            unsafe withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) }
        }
        append(0xa1b2_3c4d as UInt32)
        append(2 as UInt16)
        append(4 as UInt16)
        append(0 as UInt64)
        append(UInt32(truncatingIfNeeded: snapshotLength))
        append(linkType.rawValue)
        return bytes
    }

    private func append(_ number: UInt32) {
        unsafe withUnsafeBytes(of: number) { unsafe buffer.append(contentsOf: $0) }
    }
}
