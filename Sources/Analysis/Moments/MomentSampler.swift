import Diagnosis
import TCPState
import Tracking
import Wire

/// Takes down, as the frames go by, what each of some instants shows: send queues, and what there would be to report if the
/// capture ended there.
///
/// Complexity: all connections so far, for each instant.
struct MomentSampler: TrackingObserver, TransitionForwarder {
    typealias Transitions = NoTransitions

    /// What an instant shows.
    struct Sample {
        var queues: SendQueueSampler.Queues = [:]
        var problems: [UInt32: CaptureMoment.Problem] = [:]
        var summary: RunSummary

        fileprivate mutating func add(_ record: ConnectionRecord, at time: Timestamp) {
            summary.add(record, at: time)
            let examiner = ConnectionExaminer(record, at: time, summary.findings.limits)
            guard let finding = examiner.problem?.finding else { return }
            problems[record.connection.serial] = CaptureMoment.Problem(
                diagnosis: finding.diagnosis, severity: finding.severity)
        }
    }

    private let instants: [Timestamp]
    private let show: (Timestamp, Sample) -> Void
    private var next = 0
    /// The connections that had to leave a full table.
    private var closed: RunSummary
    /// What the end of the capture shows.
    private var final: Sample?
    private var last = Timestamp(nanoseconds: .min)

    /// - Parameters:
    ///   - instants: in order of time.
    ///   - summary: an empty summary.
    ///   - show: is given each sample in its turn.
    init(
        _ instants: [Timestamp], _ summary: RunSummary,
        _ show: @escaping (Timestamp, Sample) -> Void
    ) {
        self.instants = instants
        self.show = show
        closed = summary
    }

    /// Takes the samples that are due before a frame at `time`.
    static func pass(_ tracker: inout Tracker<MaskedObserver<MomentSampler>>, _ time: Timestamp) {
        let mask = tracker.observer.mask
        while let due = tracker.observer.base.due(before: time) {
            var sample = Sample(summary: tracker.observer.base.closed)
            tracker.look { SendQueueSampler.add($0, &sample.queues) }
            tracker.runTimers(to: due)
            tracker.look { record in
                let shown = mask.map { mask in record.replacingAddresses { mask[$0] } }
                sample.add(shown ?? record, at: due)
            }
            tracker.observer.base.emit(sample)
        }
        tracker.observer.base.last = max(tracker.observer.base.last, time)
    }

    private func due(before time: Timestamp) -> Timestamp? {
        next < instants.count && instants[next] < time ? instants[next] : nil
    }

    private mutating func emit(_ sample: Sample) {
        show(instants[next], sample)
        next += 1
    }

    /// Takes the samples that are left, which show the end of the capture.
    mutating func finish() {
        guard let final else { return }
        while next < instants.count { emit(final) }
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        guard reason == .captureEnd else {
            closed.add(record, at: nil)
            return
        }
        var sample = final.take() ?? Sample(summary: closed)
        SendQueueSampler.add(record, &sample.queues)
        sample.add(record, at: last)
        final = consume sample
    }
}
