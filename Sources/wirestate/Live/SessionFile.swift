import Glibc
import Host
import POSIX
import Synchronization
import TCPState
import Tracking
import Wire

/// The open connections of a live run in a file, so that a later run can go on with them: a head line,
/// then a line of numbers for each connection behind its ends. One run at a time has the file.
///
/// Another thread writes it: a disk that stalls makes the file older, and nothing else.
final class SessionFile {
    let path: String
    /// Scopes of another run mean the same where it had the same interfaces.
    private let interfaces: String
    /// Open, and locked, for as long as the run lasts.
    private let lock: HeldFile
    private let queue = BackgroundQueue("state", limit: 1)
    private let trouble: CommandFailure

    /// What went wrong when it was written last, told by the thread that writes.
    private final class CommandFailure: Sendable {
        let text = Mutex<String?>(nil)
    }

    /// What was found in the file of an earlier run.
    struct Contents {
        /// Connections taken up.
        var taken = 0
        /// Those that are over by now, as this host's kernel has it.
        var gone = 0
        /// Lines that mean nothing.
        var damaged = 0
    }

    /// The first words of the head line; the interfaces follow.
    private static let head = "wirestate-connections 2.\(ConnectionArchive.version)"
    /// The longest file and the longest line that are believed, in bytes.
    private static let limit = 1 << 32
    private static let lineLimit = 1 << 13

    /// Takes the file for this run, which captures on some interfaces.
    init(path: String, interfaces: [String]) throws(wirestate.CommandFailure) {
        self.path = path
        self.interfaces = interfaces.joined(separator: " ")
        trouble = CommandFailure()
        do { lock = try HeldFile(path + ".lock") } catch {
            throw wirestate.CommandFailure(lines: ["\(path).lock: \(error.reason)"])
        }
        guard flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw wirestate.CommandFailure(
                lines: [
                    "\(path): another wirestate keeps its connections there: choose another file"
                ])
        }
    }

    deinit { lock.close() }

    /// Begins to write the connections, in the place of the old file once all are written. Does nothing while the
    /// last ones are still being written.
    func write<Observer>(_ tracker: inout Tracker<Observer>) {
        guard queue.isIdle else { return }
        var bytes = Array("\(SessionFile.head) \(interfaces)\n".utf8)
        tracker.look { record in
            guard record.connection.isWorthKeeping else { return }
            bytes.append(contentsOf: SessionFile.line(record).utf8)
        }
        let (contents, path, trouble) = (bytes, path, trouble)
        queue.add(cost: contents.count) {
            let failure = SessionFile.replace(path, contents)
            trouble.text.withLock {
                $0 = failure.map { "\(path): \($0): connections are not kept" }
            }
        }
    }

    /// What went wrong when it was written last; nil if nothing did.
    var failure: String? { trouble.text.withLock { $0 } }

    /// Waits until it is written, for that long at most. Returns whether it is.
    func finish(within span: TimeSpan) -> Bool { queue.finish(within: span) }

    /// Writes a file beside the old one, and puts it in its place. Returns what went wrong.
    private static func replace(_ path: String, _ bytes: [UInt8]) -> String? {
        let file: OutputFile
        do { file = try OutputFile(path, .replace, mode: 0o600, acceptsStreams: false) } catch {
            return error.reason
        }
        do throws(SystemError) {
            try file.write(bytes)
            try file.commit(durably: true)
        } catch {
            return error.reason
        }
        return nil
    }

    /// Takes up the connections of an earlier run.
    ///
    /// - Parameters:
    ///   - now: the time on the packet clock.
    ///   - isGone: says which of them are known to be over, or to have another state by now.
    ///   - isStopped: whether to leave off.
    func read<Observer>(
        into tracker: inout Tracker<Observer>, at now: Timestamp,
        isGone: (FlowKey, Connection) -> Bool, isStopped: () -> Bool
    ) throws(wirestate.CommandFailure) -> Contents {
        var contents = Contents()
        guard let descriptor = try open() else { return contents }
        defer { close(descriptor) }
        var lines = LineReader(descriptor: descriptor, limit: SessionFile.lineLimit)
        guard let head = lines.next(), head.hasPrefix(SessionFile.head + " ") else {
            throw wirestate.CommandFailure(
                lines: ["\(path): is no list of connections of this version: remove it"])
        }
        let isSame = head == "\(SessionFile.head) \(interfaces)"
        while !isStopped(), let line = lines.next() {
            guard let (key, scope, archive, connection) = SessionFile.connection(line) else {
                contents.damaged += 1
                continue
            }
            if isGone(key, connection) {
                contents.gone += 1
            } else if tracker.adopt(archive, on: key, scope: isSame ? scope : nil, at: now) {
                contents.taken += 1
            }
        }
        return contents
    }

    /// Opens the file of an earlier run; nil where there is none.
    private func open() throws(wirestate.CommandFailure) -> Int32? {
        let descriptor = unsafe Glibc.open(
            path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            let reason =
                errno == ELOOP ? "is a symbolic link: name the file itself" : systemText(errno)
            throw wirestate.CommandFailure(lines: ["\(path): \(reason)"])
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= SessionFile.limit
        else {
            close(descriptor)
            throw wirestate.CommandFailure(lines: [
                "\(path): is no list of connections: choose another file"
            ])
        }
        return descriptor
    }

    private static func line(_ record: ConnectionRecord) -> String {
        let key = record.key
        // Of what the kernel alone has told, nobody knows where its segments will be seen.
        let isSeen = record.connection.client.hasSent || record.connection.server.hasSent
        let scope = isSeen ? "\(record.scope)" : "-"
        var line = "\(key.low) \(key.lowPort) \(key.high) \(key.highPort) \(scope)"
        for number in ConnectionArchive(record.connection).numbers { line += " \(number)" }
        return line + "\n"
    }

    private static func connection(
        _ line: String
    ) -> (FlowKey, scope: UInt32?, ConnectionArchive, Connection)? {
        let words = line.split(separator: " ")
        guard words.count > 6, let low = Address(words[0]), let lowPort = UInt16(words[1]),
            let high = Address(words[2]), let highPort = UInt16(words[3])
        else { return nil }
        let scope = UInt32(words[4])
        guard scope != nil || words[4] == "-" else { return nil }
        let numbers = words.dropFirst(5).compactMap { Int64($0) }
        let key = FlowKey(low, lowPort, high, highPort)
        let archive = ConnectionArchive(numbers: numbers)
        guard numbers.count == words.count - 5, key.low == low, key.lowPort == lowPort,
            let connection = archive.connection(serial: 0, stream: 0)
        else { return nil }
        return (key, scope, archive, connection)
    }
}

extension Connection {
    /// Whether a later run has to know of it: it is not over, nor about to be.
    fileprivate var isWorthKeeping: Bool {
        let states = [client.state, server.state]
        return !states.allSatisfy { $0 == .timeWait || $0 == .closed || $0 == .unknown }
    }
}
