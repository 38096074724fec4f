import Glibc
import TCPState
import Tracking
import Wire

/// The open connections of a live run in a file, so that a later run can go on with them: a head line,
/// then a line of numbers for each connection behind its ends.
struct SessionFile {
    let path: String

    private static let head = "wirestate-connections \(ConnectionArchive.version)"
    /// The longest file that is believed, in bytes.
    private static let limit = 1 << 32

    /// Writes the connections, in the place of the old file once all are written.
    func write<Observer>(_ tracker: inout Tracker<Observer>) throws(CommandFailure) {
        let new = path + ".new"
        let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw trouble() }
        defer { close(descriptor) }
        var text = SessionFile.head + "\n"
        var failure: Int32?
        tracker.look { record in
            guard failure == nil, record.connection.isWorthKeeping else { return }
            text += SessionFile.line(record)
            if text.utf8.count >= 1 << 16 {
                failure = writeAll(Array(text.utf8), to: descriptor)
                text = ""
            }
        }
        failure = failure ?? writeAll(Array(text.utf8), to: descriptor)
        guard failure == nil, fsync(descriptor) == 0, unsafe rename(new, path) == 0 else {
            if let failure { errno = failure }
            throw trouble()
        }
    }

    /// Takes up the connections. Returns how many; 0 where there is no file yet.
    func read<Observer>(
        into tracker: inout Tracker<Observer>, at now: Timestamp
    ) throws(CommandFailure) -> Int {
        guard let file = unsafe fopen(path, "re") else {
            if errno == ENOENT { return 0 }
            throw trouble()
        }
        defer { unsafe fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { unsafe free(line) }
        var count = 0
        var number = 0
        while unsafe getline(&line, &room, file) > 0, let bytes = unsafe line {
            number += 1
            let text = unsafe String(cString: bytes)
            let words = text.split { $0 == " " || $0 == "\n" }
            if number == 1 {
                guard words.joined(separator: " ") == SessionFile.head else {
                    throw CommandFailure(
                        lines: ["\(path): is no list of connections of this version: remove it"])
                }
                continue
            }
            guard let (key, archive) = SessionFile.connection(words) else {
                throw CommandFailure(lines: ["\(path): line \(number) is damaged: remove the file"])
            }
            if tracker.adopt(archive, on: key, at: now) { count += 1 }
        }
        return count
    }

    private func trouble() -> CommandFailure {
        CommandFailure(lines: ["\(path): \(systemText(errno)): choose a place that can be written"])
    }

    private static func line(_ record: ConnectionRecord) -> String {
        let key = record.key
        var line = "\(key.low) \(key.lowPort) \(key.high) \(key.highPort)"
        for number in ConnectionArchive(record.connection).numbers { line += " \(number)" }
        return line + "\n"
    }

    private static func connection(_ words: [Substring]) -> (FlowKey, ConnectionArchive)? {
        guard words.count > 5, let low = Address(words[0]), let lowPort = UInt16(words[1]),
            let high = Address(words[2]), let highPort = UInt16(words[3])
        else { return nil }
        let numbers = words.dropFirst(4).compactMap { Int64($0) }
        let key = FlowKey(low, lowPort, high, highPort)
        guard numbers.count == words.count - 4, key.low == low, key.lowPort == lowPort,
            ConnectionArchive(numbers: numbers).connection(
                serial: 0, stream: 0) != nil
        else { return nil }
        return (key, ConnectionArchive(numbers: numbers))
    }
}

extension Connection {
    /// Whether a later run has to know of it: it is not over, nor about to be.
    fileprivate var isWorthKeeping: Bool {
        let states = [client.state, server.state]
        return !states.allSatisfy { $0 == .timeWait || $0 == .closed || $0 == .unknown }
    }
}
