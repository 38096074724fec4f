import Capture
import Wire

/// Where a live run's frames come from: interfaces, or a capture through a pipe.
final class LiveInput {
    /// Has no interface where there is a pipe.
    private var reader: LiveReader
    private let pipe: PipeReader?
    private var batch = PipeReader.Batch()
    private var place = 0
    private var frames: UInt64 = 0
    /// A pipe's last time stamp, and when it was read.
    private var mark: (packet: Timestamp, host: Timestamp)?

    /// A frame, for as long as it is looked at.
    struct Frame: ~Escapable {
        let bytes: Span<UInt8>
        let wireLength: Int
        let time: Timestamp
        let linkType: LinkType
        let interface: UInt32
        /// Its number in the run, from 1.
        let number: UInt64

        @_lifetime(copy bytes)
        init(
            _ bytes: Span<UInt8>, wireLength: Int, time: Timestamp, linkType: LinkType,
            interface: UInt32, number: UInt64
        ) {
            self.bytes = bytes
            self.wireLength = wireLength
            self.time = time
            self.linkType = linkType
            self.interface = interface
            self.number = number
        }
    }

    /// Opens interfaces.
    init(interfaces: [String], _ settings: LiveReader.Settings) throws(CaptureError) {
        reader = try LiveReader(interfaces: interfaces, settings)
        pipe = nil
    }

    /// Is going to read standard input.
    init(filter: String?) throws(CaptureError) {
        reader = try LiveReader(interfaces: [])
        pipe = try PipeReader(filter: filter)
    }

    /// Begins to read, where that takes a thread.
    func start() { pipe?.start() }

    /// Shows the frames that are there to `body`, so many at most. Returns whether that was all.
    func take(atMost count: Int, now: Timestamp, _ body: (borrowing Frame) -> Void) -> Bool {
        pipe == nil
            ? LiveInput.take(count, of: &reader, now, body) : takePiped(count, now, body)
    }

    private static func take(
        _ count: Int, of reader: inout LiveReader, _ now: Timestamp,
        _ body: (borrowing Frame) -> Void
    ) -> Bool {
        for _ in 0..<count {
            switch reader.next(now: now) {
            case .frame(let frame):
                body(
                    Frame(
                        frame.bytes, wireLength: frame.wireLength, time: frame.timestamp,
                        linkType: frame.linkType, interface: frame.interface, number: frame.number))
            case .nothing: return true
            }
        }
        return false
    }

    private func takePiped(
        _ count: Int, _ now: Timestamp, _ body: (borrowing Frame) -> Void
    ) -> Bool {
        for _ in 0..<count {
            if place == batch.records.count {
                guard let next = pipe?.next() else { return true }
                (batch, place) = (next, 0)
            }
            let record = batch.records[place]
            place += 1
            frames += 1
            mark = (record.time, now)
            let bytes = batch.bytes.span.extracting(record.start..<(record.start + record.length))
            body(
                Frame(
                    bytes, wireLength: record.wireLength, time: record.time,
                    linkType: record.linkType, interface: record.interface, number: frames))
        }
        return false
    }

    /// The time on the clock of the packets' time stamps, when this host's clock shows `now`.
    func clock(_ now: Timestamp) -> Timestamp {
        guard pipe != nil else { return now }
        return mark.map { $0.packet + (now - $0.host) } ?? now
    }

    /// For how long a packet may be on its way here: timers run so far behind the clock.
    var latency: TimeSpan { pipe == nil ? reader.latency : 1_000_000_000 }

    /// What to wait on for packets, with poll(2).
    var descriptors: [Int32] {
        if let pipe { return pipe.isAtEnd ? [] : [pipe.descriptor] }
        return reader.descriptors
    }

    /// Whether no packet will come any more.
    var isAtEnd: Bool { pipe?.isAtEnd == true && place == batch.records.count }

    /// The interfaces' names, by number; `-` for a pipe.
    var names: [String] { pipe == nil ? reader.interfaces : ["-"] }

    /// The interfaces that are lost at the moment.
    var lost: [String] { reader.lost }

    /// The link types of the interfaces that are open.
    var linkTypes: Set<LinkType> { reader.linkTypes }

    /// What the kernel counted on all interfaces since the beginning.
    var statistics: LiveCapture.Statistics { reader.statistics }

    /// What went wrong since the last call.
    func takeTroubles() -> [CaptureError] { reader.takeTroubles() + (pipe?.takeProblems() ?? []) }

    /// Tries to open the interfaces that are lost. Returns the names of those that are back.
    func takeUp() -> [String] { reader.takeUp() }
}
