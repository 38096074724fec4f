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
    private let hasFreeStep: Bool
    private let wantsQueues: Bool

    /// The most instants of one run.
    static let limit = 100_000

    /// - Parameters:
    ///   - start: the first instant; the first frame if there is a step and no start.
    ///   - step: to the next one; nil for one instant only.
    ///   - hasFreeStep: whether the step may be doubled, so that there are no more instants than the limit.
    ///   - wantsQueues: whether to look at all connections at each instant.
    init(
        start: ((_ first: Timestamp) -> Timestamp?)?, step: TimeSpan?, hasFreeStep: Bool,
        wantsQueues: Bool
    ) {
        self.start = start
        self.step = step
        self.hasFreeStep = hasFreeStep
        self.wantsQueues = wantsQueues
    }

    /// Takes the samples that are due before a frame at `time`.
    mutating func pass<Observer>(_ tracker: inout Tracker<Observer>, _ time: Timestamp) {
        if first == nil {
            first = time
            next = start.map { $0(time) } ?? (step == nil ? nil : time)
        }
        guard let due = next, time > due else { return }
        var queues: Queues = [:]
        if wantsQueues { tracker.look { SendQueueSampler.note($0, &queues) } }
        while let due = next, time > due { add(due, queues) }
    }

    /// Takes the samples up to the end; nil as a time is the end itself.
    mutating func end(_ last: Timestamp, _ records: some Collection<ConnectionRecord>) {
        var queues: Queues = [:]
        if wantsQueues { for record in records { SendQueueSampler.note(record, &queues) } }
        if step == nil {
            if samples.isEmpty { samples.append((next ?? last, queues)) }
        } else {
            while let due = next, due <= last { add(due, queues) }
        }
    }

    private mutating func add(_ due: Timestamp, _ queues: Queues) {
        samples.append((due, queues))
        if hasFreeStep, samples.count > SendQueueSampler.limit { thin() }
        guard let step, let last = samples.last?.time, samples.count <= SendQueueSampler.limit
        else {
            return next = nil
        }
        // At the end of all time there is no next one.
        next = last + step > last ? last + step : nil
    }

    /// Keeps every second instant, and doubles the step.
    private mutating func thin() {
        samples = stride(from: 0, to: samples.count, by: 2).map { samples[$0] }
        step = step.map { $0 * 2 }
    }

    /// Names an end.
    static func end(_ serial: UInt32, _ side: Side) -> UInt64 {
        UInt64(serial) << 1 | UInt64(side.rawValue)
    }

    /// Notes what both ends of a connection have sent that is not acknowledged.
    static func note(_ record: ConnectionRecord, _ queues: inout Queues) {
        for side in Side.allCases {
            let bytes = record.connection[side].unacknowledgedBytes
            if bytes > 0 { queues[end(record.connection.serial, side)] = bytes }
        }
    }
}
