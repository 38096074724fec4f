internal import Glibc
internal import POSIX
internal import Synchronization
public import Wire

/// Writes lines to a descriptor on a thread of its own: a reader that does not read, or a disk that is full, costs
/// lines, which are counted, and never holds up the one who writes them.
public final class LineWriter: Sendable {
    /// What has become of the lines so far.
    public struct Status: Hashable, Sendable {
        /// `errno` of the last write, where it failed.
        public var failure: Int32?
        /// Lines that were thrown away: for want of room, or because the run ended.
        public var lostLines: UInt64 = 0

        /// Nothing written, nothing lost.
        public init() {}

        /// Whether anybody reads: false once a pipe is broken.
        public var hasReader: Bool { failure != EPIPE }
    }

    private struct State {
        var descriptor: Int32
        var ownsDescriptor: Bool
        /// A descriptor to go on with.
        var next: HeldFile?
        var isEnding = false
        var isGivenUp = false
        /// Lines that wait or are being written.
        var waitingLines: UInt64 = 0
        var status = Status()
    }

    private let state: Mutex<State>
    private let queue: BackgroundQueue

    /// - Parameters:
    ///   - descriptor: stays open.
    ///   - limit: the most that may wait, in bytes.
    public init(descriptor: Int32, limit: Int = 8 << 20) {
        state = Mutex(State(descriptor: descriptor, ownsDescriptor: false))
        queue = BackgroundQueue("lines", limit: limit)
    }

    /// Writes to a file, which belongs to it from now on.
    public convenience init(_ file: HeldFile, limit: Int = 8 << 20) {
        self.init(descriptor: file.descriptor, limit: limit)
        state.withLock { $0.ownsDescriptor = true }
    }

    /// What has become of the lines so far.
    public var status: Status { state.withLock { $0.status } }

    /// Adds whole lines to what is written. Returns false, and does nothing, where there is no room for them.
    public func add(_ bytes: [UInt8], lines: UInt64) -> Bool {
        state.withLock { $0.waitingLines += lines }
        let isAdded = queue.add(cost: bytes.count) { [self] in
            // Nobody waits any more, and the descriptor may belong to another file by now.
            if state.withLock({ $0.isGivenUp }) { return }
            let isWritten = write(bytes)
            state.withLock { state in
                // They have been counted as lost where nobody waits any more.
                guard !state.isGivenUp else { return }
                state.waitingLines -= lines
                if !isWritten { state.status.lostLines += lines }
            }
        }
        if !isAdded { state.withLock { $0.waitingLines -= lines } }
        return isAdded
    }

    /// Counts lines that the one who writes them has thrown away.
    public func noteLost(_ lines: UInt64) { state.withLock { $0.status.lostLines += lines } }

    /// Goes on with another file, from the next line on.
    public func `continue`(with file: HeldFile) {
        let unused = state.withLock { state in
            defer { state.next = file }
            return state.next
        }
        unused?.close()
    }

    /// Waits until everything is written, for that long at most. What is not written then is lost,
    /// and counted.
    public func finish(within span: TimeSpan) {
        state.withLock { $0.isEnding = true }
        if queue.finish(within: span) { return }
        state.withLock {
            $0.status.lostLines += $0.waitingLines
            $0.isGivenUp = true
        }
    }

    /// Writes all; on the queue's thread. Returns false where that is given up.
    private func write(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let descriptor = current(&done, bytes)
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor, $0.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            if count >= 0 {
                done += count
                state.withLock { $0.status.failure = nil }
            } else if !canTryAgain(SystemError.last.code, descriptor) {
                return false
            }
        }
        return true
    }

    /// The descriptor to write to. Where there is a new one, it begins with a whole line.
    private func current(_ done: inout Int, _ bytes: [UInt8]) -> Int32 {
        let (descriptor, old) = state.withLock { state -> (Int32, Int32?) in
            guard let next = state.next else { return (state.descriptor, nil) }
            let old = state.ownsDescriptor ? state.descriptor : nil
            (state.descriptor, state.ownsDescriptor, state.next) = (next.descriptor, true, nil)
            return (next.descriptor, old)
        }
        if let old {
            close(old)
            done = bytes[..<done].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        }
        return descriptor
    }

    /// Waits a little after a failure. Returns false where nobody reads any more, or the run ends.
    private func canTryAgain(_ code: Int32, _ descriptor: Int32) -> Bool {
        if code == EINTR { return true }
        if code == EAGAIN {
            var list = [pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)]
            unsafe poll(&list, 1, 100)
        } else {
            state.withLock { $0.status.failure = code }
            if code == EPIPE { return false }
            usleep(100_000)
        }
        return state.withLock { !$0.isEnding }
    }
}
