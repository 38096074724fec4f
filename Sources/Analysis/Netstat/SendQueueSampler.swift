import TCPState
import Tracking
import Wire

/// Remembers, as the frames go by, what was sent and not acknowledged at certain instants.
struct SendQueueSampler {
    /// Send queues that are not empty, by connection and end.
    typealias Queues = [UInt64: UInt32]

    /// An instant and its queues, in the order of time.
    private(set) var samples: [(time: Timestamp, queues: Queues)] = []
    /// When the first frame came.
    private(set) var first: Timestamp?
    private let start: ((_ first: Timestamp) -> Timestamp?)?
    private(set) var step: TimeSpan?
    private var next: Timestamp?
    private let isHistogram: Bool

    /// The most instants of one run.
    static let limit = 100_000

    /// - Parameters:
    ///   - start: the first instant; the first frame if there is a step and no start.
    ///   - step: the time to the next one; nil for one instant only, and for a histogram whose step the
    ///     length of the capture decides.
    ///   - isHistogram: whether only the numbers of sockets are wanted, and no queues.
    init(
        start: ((_ first: Timestamp) -> Timestamp?)?, step: TimeSpan?, isHistogram: Bool
    ) {
        self.start = start
        self.step = step
        self.isHistogram = isHistogram
    }

    /// Takes the samples that are due before a frame at `time`.
    mutating func pass<Observer>(_ tracker: inout Tracker<Observer>, _ time: Timestamp) {
        if first == nil {
            first = time
            next = start.map { $0(time) } ?? (step == nil && !isHistogram ? nil : time)
        }
        // A histogram needs nothing of what is now.
        guard !isHistogram, let due = next, time > due else { return }
        var queues: Queues = [:]
        tracker.look { SendQueueSampler.add($0, &queues) }
        while let due = next, time > due { add(due, queues) }
    }

    /// Takes the samples up to the end; nil as a time is the end itself.
    mutating func end(_ last: Timestamp, _ records: some Sequence<ConnectionRecord>) {
        var queues: Queues = [:]
        if isHistogram {
            step = step ?? next.map { SendQueueSampler.step(over: last - $0) }
        } else {
            for record in records { SendQueueSampler.add(record, &queues) }
        }
        if step == nil {
            if samples.isEmpty { samples.append((next ?? last, queues)) }
        } else {
            while let due = next, due <= last { add(due, queues) }
        }
    }

    private mutating func add(_ due: Timestamp, _ queues: Queues) {
        samples.append((due, queues))
        guard let step, let last = samples.last?.time, samples.count <= SendQueueSampler.limit
        else {
            return next = nil
        }
        // At the end of all time there is no next one.
        next = last + step > last ? last + step : nil
    }

    /// A round step that divides a length of time into 20 to 60 parts, or somewhat more of the longest ones.
    static func step(over duration: TimeSpan) -> TimeSpan {
        let short = [1, 2, 5, 10, 20, 50, 100, 200, 500].map { TimeSpan.milliseconds($0) }
        let long = [
            1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400,
        ].map { TimeSpan.seconds($0) }
        let most = 60
        return (short + long).first { duration <= $0 * most } ?? duration / most
    }

    /// Names an end.
    static func end(_ serial: UInt32, _ side: Side) -> UInt64 {
        UInt64(serial) << 1 | UInt64(side.rawValue)
    }

    /// Notes what both ends of a connection have sent that is not acknowledged.
    static func add(_ record: ConnectionRecord, _ queues: inout Queues) {
        for side in Side.allCases {
            let bytes = record.connection[side].unacknowledgedBytes
            if bytes > 0 { queues[end(record.connection.serial, side)] = bytes }
        }
    }
}
