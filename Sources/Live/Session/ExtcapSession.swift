public import Analysis
import Capture
public import Diagnosis
import Glibc
import Host
import POSIX
import Reports
public import TCPState
import Tracking
import Wire

/// A live capture for Wireshark: every packet of an interface as pcapng, with a comment where a connection changes
/// its state or becomes stuck. Ends with a signal, or when nobody reads.
public final class ExtcapSession {
    private let input: any FrameSource
    private let host: any LiveHost = SystemHost()
    private let file: OutputFile
    private let signals: SignalQueue
    private let comment: PacketComment
    private var tracker: Tracker<LiveObserver>
    private var watch: StuckMonitor
    private var sweep: StateSweep
    private var buffer: [UInt8] = []
    /// What is to be said with the next packet.
    private var comments: [String] = []
    /// Comments that found no place.
    private var omitted = 0
    /// Whether anybody reads the pipe.
    private var isRead = true

    /// Comments of one packet, at most.
    private static let commentLimit = 64
    /// Packets between two looks at the clock.
    private static let batch = 1024
    /// Bytes that are handed over at once.
    private static let chunk = 1 << 16

    /// - Parameters:
    ///   - fifo: the pipe that Wireshark reads.
    ///   - filter: as in pcap-filter(7); nil for every packet.
    /// - Throws: a ``RunFailure``, or a `CaptureError` of the interface or the filter.
    public init(
        interface: String, fifo: String, filter: String?, _ thresholds: Thresholds,
        _ spelling: StateSpelling
    ) throws {
        do { signals = try SignalQueue([SIGINT, SIGTERM]) } catch {
            throw RunFailure("\(error)")
        }
        var settings = LiveReader.Settings()
        settings.snapshotLength = 262_144
        settings.bufferSize = 16 << 20
        settings.isPromiscuous = true
        settings.filter = filter
        input = try InterfaceSource(interfaces: [interface], settings)
        file = try ExtcapSession.open(fifo)
        comment = PacketComment(spelling: spelling)
        tracker = Tracker(
            observer: LiveObserver(local: [], thresholds, wantsTransitions: true), profile: .linux,
            maximumConnections: FreeMemory.connections)
        watch = StuckMonitor(thresholds)
        sweep = StateSweep(local: [], host)
        buffer = PcapngBlocks.section(
            comment: "States of TCP connections by wirestate, on \(interface)")
        buffer += PcapngBlocks.interface(input.linkTypes.first ?? .ethernet)
    }

    /// Opens the pipe, which its reader may open a moment later.
    private static func open(_ path: String) throws -> OutputFile {
        let deadline = Timestamp.now + 5_000_000_000
        while true {
            do throws(OutputError) {
                return try OutputFile(path, .overwrite)
            } catch {
                guard error == .noReader, Timestamp.now < deadline else {
                    throw RunFailure("\(path): \(error.reason)")
                }
                usleep(10_000)
            }
        }
    }

    /// Runs to the end.
    public func run() throws(RunFailure) {
        // So that Wireshark shows at once that the capture runs.
        guard flush() else { return }
        while true {
            let isDrained = receivePackets()
            let now = Timestamp.now
            if isDrained { tracker.tick(to: now + -input.latency) }
            noteTransitions(frame: nil)
            if sweep.isDue(now, isIdle: isDrained) { lookForStuck(now) }
            guard isRead, flush() else { return }
            let errors = input.takeErrors()
            if !errors.isEmpty { throw RunFailure(lines: errors.map { "\($0)" }) }
            if isDrained, !sweep.isUnderWay {
                wait(on: input.descriptors + [signals.descriptor], milliseconds: 200)
            }
            if signals.next() != nil { return }
        }
    }

    /// Takes the packets that are there, up to a number. Returns whether that was all.
    private func receivePackets() -> Bool {
        input.read(atMost: ExtcapSession.batch, now: .now) { frame in receive(frame) }
    }

    private func receive(_ frame: borrowing Frame) {
        tracker.enqueue(
            frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
            at: frame.timestamp,
            interface: frame.interface, frame: frame.number)
        tracker.flush()
        noteTransitions(frame: frame.number)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frame.bytes.count)
        for index in frame.bytes.indices { bytes.append(frame.bytes[index]) }
        if omitted > 0 { comments.append("\(omitted) more comments left out") }
        buffer += PcapngBlocks.packet(
            bytes, wireLength: frame.wireLength, at: frame.timestamp, interface: 0,
            comments: comments)
        comments.removeAll(keepingCapacity: true)
        omitted = 0
        if buffer.count >= ExtcapSession.chunk { isRead = flush() && isRead }
    }

    /// Keeps what happened for the next packet.
    ///
    /// - Parameter frame: the packet that is being taken; nil between two.
    private func noteTransitions(frame: UInt64?) {
        guard tracker.observer.hasChanges else { return }
        let closed = tracker.observer.closed
        for entry in tracker.observer.takeTransitions() {
            let serial = entry.transition.connection
            guard let record = closed[serial] ?? tracker.connection(numbered: serial) else {
                continue
            }
            add(
                comment.text(
                    entry.event, entry.transition, of: record,
                    namesEnds: frame == nil || record.connection.lastFrame != frame))
        }
        for serial in closed.keys {
            if case .ended(let entry)? = watch.forget(serial) { add(entry, hasEnded: true, .now) }
        }
    }

    private func lookForStuck(_ now: Timestamp) {
        var changes: [StuckMonitor.Change] = []
        _ = sweep.advance(&tracker, at: now, now) { record in
            if let change = watch.look(record, at: now) { changes.append(change) }
        }
        for change in changes {
            switch change {
            case .ended(let entry): add(entry, hasEnded: true, now)
            case .begun(let serial):
                if let entry = watch.entries[serial] { add(entry, hasEnded: false, now) }
            }
        }
    }

    private func add(_ entry: StuckMonitor.Entry, hasEnded: Bool, _ now: Timestamp) {
        add(comment.text(entry.problem, hasEnded: hasEnded, at: now))
    }

    private func add(_ text: String) {
        if comments.count < ExtcapSession.commentLimit {
            comments.append(text)
        } else {
            omitted += 1
        }
    }

    /// Hands over what is there. Returns whether anybody reads.
    private func flush() -> Bool {
        defer { buffer.removeAll(keepingCapacity: true) }
        do throws(SystemError) {
            try file.write(buffer)
            return true
        } catch {
            return false
        }
    }
}
