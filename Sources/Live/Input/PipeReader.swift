import Capture
import Dispatch
import Glibc
import Synchronization
import Wire

/// A capture that comes through a pipe, read on a thread of its own: taking its frames never waits.
/// A pipe that is read more slowly than it is written holds its writer up, and loses nothing.
final class PipeReader: Sendable {
    /// A frame's place in its batch, and what the capture says about it.
    struct Record: Sendable {
        let start: Int
        let length: Int
        let wireLength: Int
        let time: Timestamp
        let linkType: LinkType
        let interface: UInt32
    }

    /// Frames that came together.
    struct Batch: Sendable {
        var bytes: [UInt8] = []
        var records: [Record] = []
    }

    private struct State {
        var batches: [Batch] = []
        var isAtEnd = false
        var problems: [CaptureError] = []
    }

    private let state = Mutex(State())
    private let slots = DispatchSemaphore(value: PipeReader.limit)
    private let queue = DispatchQueue(label: "input")
    private let wake: (reader: Int32, writer: Int32)

    /// How many batches wait at most, of so many bytes.
    private static let limit = 64
    private static let size = 1 << 18

    private let filter: String?

    /// - Parameter filter: which frames it gives; nil for all.
    init(filter: String?) throws(CaptureError) {
        var ends: [Int32] = [-1, -1]
        _ = unsafe pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        wake = (ends[0], ends[1])
        // Says at once what is wrong with a filter.
        _ = try CaptureReader(files: [], filter: filter)
        self.filter = filter
    }

    /// Begins to read standard input.
    func start() { queue.async { [self] in read() } }

    deinit {
        close(wake.reader)
        close(wake.writer)
    }

    /// What to wait on, with poll(2).
    var descriptor: Int32 { wake.reader }

    /// The next frames; nil where none are there.
    func next() -> Batch? {
        var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        _ = unsafe Glibc.read(wake.reader, &bytes, bytes.count)
        let batch = state.withLock { $0.batches.isEmpty ? nil : $0.batches.removeFirst() }
        if batch != nil { slots.signal() }
        return batch
    }

    /// Whether everything has been handed out.
    var isAtEnd: Bool { state.withLock { $0.isAtEnd && $0.batches.isEmpty } }

    /// What was wrong with it since the last call.
    func takeProblems() -> [CaptureError] {
        state.withLock { state in
            defer { state.problems = [] }
            return state.problems
        }
    }

    private func read() {
        var batch = Batch()
        do throws(CaptureError) {
            var reader = try CaptureReader(
                files: ["-"], filter: filter,
                follow: CaptureReader.Follow(includesFiles: false) { [self] in
                    submit(&batch)
                    return true
                })
            while let frame = reader.next() {
                let start = batch.bytes.count
                unsafe frame.bytes.withUnsafeBufferPointer {
                    unsafe batch.bytes.append(contentsOf: $0)
                }
                batch.records.append(
                    Record(
                        start: start, length: frame.bytes.count, wireLength: frame.wireLength,
                        time: frame.timestamp, linkType: frame.linkType, interface: frame.interface)
                )
                if batch.bytes.count >= PipeReader.size { submit(&batch) }
            }
            let problems = reader.problems
            state.withLock { $0.problems += problems }
        } catch {
            state.withLock { $0.problems.append(error) }
        }
        submit(&batch)
        state.withLock { $0.isAtEnd = true }
        ring()
    }

    private func submit(_ batch: inout Batch) {
        guard !batch.records.isEmpty else { return }
        slots.wait()
        let full = batch
        state.withLock { $0.batches.append(full) }
        batch = Batch()
        ring()
    }

    private func ring() {
        var byte: UInt8 = 1
        _ = unsafe write(wake.writer, &byte, 1)
    }
}
