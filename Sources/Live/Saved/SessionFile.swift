import Analysis
import Glibc
import Host
import POSIX
import TCPState
import Tracking
import Wire

/// The open connections of a live run in a file, so that a later run can go on with them: a head line,
/// then a line of numbers for each connection behind its ends. One run at a time has the file.
///
/// Another thread writes it: a disk that stalls makes the file older, and nothing else.
final class SessionFile {
    let path: String
    /// The interfaces' names: their numbers mean the same in another run that has the same ones.
    private let interfaces: [String]
    private let scopes: ScopeNames
    /// Open, and locked, for as long as the run lasts.
    private let lock: HeldFile
    private let queue = BackgroundQueue("state", limit: 1)
    private let lastFailure = SharedText()

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
    private static let limit: Int64 = 1 << 32
    private static let lineLimit = 1 << 13

    /// Takes the file for this run, which captures on some interfaces.
    init(path: String, interfaces: [String]) throws(RunFailure) {
        self.path = path
        self.interfaces = interfaces
        scopes = ScopeNames(interfaces: interfaces.count)
        do { lock = try HeldFile(path + ".lock") } catch {
            throw RunFailure("\(path).lock: \(error.reason)")
        }
        guard flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw RunFailure("\(path): is in use by another wirestate: choose another file")
        }
    }

    deinit { lock.close() }

    /// Begins to write the connections, in the place of the old file once all are written. Does nothing while the
    /// last ones are still being written.
    func write<Observer>(_ tracker: inout Tracker<Observer>) {
        guard queue.isIdle else { return }
        var bytes = Array((head + "\n").utf8)
        tracker.look { record in
            guard record.connection.isWorthKeeping else { return }
            append(record, to: &bytes)
        }
        let (contents, path, lastFailure) = (bytes, path, lastFailure)
        queue.add(cost: contents.count) {
            let failure = SessionFile.replace(path, contents)
            lastFailure.set(failure.map { "\(path): \($0): connections are not saved" })
        }
    }

    /// What went wrong when it was written last; nil if nothing did.
    var failure: String? { lastFailure.text }

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
    ) throws(RunFailure) -> Contents {
        var contents = Contents()
        guard let descriptor = try open() else { return contents }
        defer { close(descriptor) }
        var lines = LineReader(descriptor: descriptor, limit: SessionFile.lineLimit)
        guard let head = lines.next(), head.hasPrefix(SessionFile.head + " ") else {
            throw RunFailure("\(path): is not a connection list of this version: remove it")
        }
        let isSame = head == self.head
        while !isStopped(), let line = lines.next() {
            guard let (key, location, archive, connection) = SessionFile.connection(line) else {
                contents.damaged += 1
                continue
            }
            if isGone(key, connection) {
                contents.gone += 1
            } else if tracker.adopt(
                archive, on: key, scope: isSame ? location?.scope : nil, at: now)
            {
                contents.taken += 1
            }
        }
        return contents
    }

    /// Opens the file of an earlier run; nil where there is none.
    private func open() throws(RunFailure) -> Int32? {
        do throws(SystemError) {
            if let descriptor = try openRegularFile(path, atMost: SessionFile.limit) {
                return descriptor
            }
        } catch {
            if error == .missing { return nil }
            let reason =
                error == .loop ? "is a symbolic link: name the file itself" : error.reason
            throw RunFailure("\(path): \(reason)")
        }
        throw RunFailure("\(path): is not a connection list: choose another file")
    }

    private func append(_ record: ConnectionRecord, to bytes: inout [UInt8]) {
        let key = record.key
        // Of what the kernel alone has told, nobody knows where its segments will be seen.
        let isSeen = record.connection.client.hasSent || record.connection.server.hasSent
        var location = "-"
        if isSeen, let seen = scopes.location(of: record.scope) {
            location = "\(seen.interface)" + (seen.vlan.map { ".\($0)" } ?? "")
        }
        let line = "\(key.low) \(key.lowPort) \(key.high) \(key.highPort) \(location)"
        bytes.append(contentsOf: line.utf8)
        for number in ConnectionArchive(record.connection).numbers {
            bytes.append(0x20)
            bytes.append(decimal: number)
        }
        bytes.append(0x0a)
    }

    private static func connection(
        _ line: String
    ) -> (FlowKey, ScopeNames.Location?, ConnectionArchive, Connection)? {
        let words = line.split(separator: " ")
        guard words.count > 6, let low = Address(words[0]), let lowPort = UInt16(words[1]),
            let high = Address(words[2]), let highPort = UInt16(words[3])
        else { return nil }
        let location = ScopeNames.Location(words[4])
        guard location != nil || words[4] == "-" else { return nil }
        let numbers = words.dropFirst(5).compactMap { Int64($0) }
        let key = FlowKey(low, lowPort, high, highPort)
        let archive = ConnectionArchive(numbers: numbers)
        guard numbers.count == words.count - 5, key.low == low, key.lowPort == lowPort,
            let connection = archive.connection(serial: 0, stream: 0)
        else { return nil }
        return (key, location, archive, connection)
    }

    private var head: String { "\(SessionFile.head) \(interfaces.joined(separator: " "))" }
}

extension ScopeNames.Location {
    /// An interface's number, or that and a VLAN identifier: `0`, `1.100`.
    fileprivate init?(_ text: Substring) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let interface = UInt32(parts[0]) else { return nil }
        let vlan = parts.count == 2 ? UInt16(parts[1]) : nil
        guard parts.count == 1 || vlan != nil else { return nil }
        self.init(interface: interface, vlan: vlan)
    }
}

extension Connection {
    /// Whether a later run has to know of it: it is not over, nor about to be, and its handshake is done. What is
    /// still to be opened begins with its next SYN, and strangers may send any number of them.
    fileprivate var isWorthKeeping: Bool {
        func isOpen(_ state: State) -> Bool {
            switch state {
            case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck: true
            case .unknown, .closed, .listen, .synSent, .synReceived, .timeWait: false
            }
        }
        return isOpen(client.state) || isOpen(server.state)
    }
}

extension [UInt8] {
    /// Appends a number's decimal digits: there are millions of them.
    fileprivate mutating func append(decimal number: Int64) {
        if number < 0 { append(0x2d) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var count = 0
        var rest = number.magnitude
        repeat {
            digits[count] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            count += 1
        } while rest > 0
        for position in (0..<count).reversed() { append(digits[position]) }
    }
}
