import Reports
import TCPState
import Tracking
import Wire

/// Prints transitions as they are found, an inference at once and its confirmation or withdrawal when
/// that comes.
struct EventObserver: TrackingObserver {
    private var output: Output
    private var format: TransitionEvents
    private var records: [UInt32: ConnectionRecord] = [:]
    /// What is inferred and neither confirmed nor withdrawn yet.
    private var open: [UInt32: Transition] = [:]
    private var tokens: [UInt32: [UInt32]] = [:]
    private var next: UInt32 = 0

    init(_ format: TransitionEvents, _ output: Output) {
        self.format = format
        self.output = output
    }

    mutating func arrive(_ record: ConnectionRecord) {
        records[record.connection.serial] = record
    }

    mutating func observe(_ transition: Transition) -> UInt32 {
        next &+= 1
        if transition.grade == .inferred || transition.event == .presumed {
            open[next] = transition
            tokens[transition.connection, default: []].append(next)
        }
        write(.found, transition)
        return next
    }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        guard var transition = open.removeValue(forKey: token) else { return }
        transition.grade = .proved
        transition.seen = seen
        transition.notBefore = notBefore
        transition.notAfter = notAfter
        write(.confirmed, transition)
    }

    mutating func withdraw(_ token: UInt32) {
        guard let transition = open.removeValue(forKey: token) else { return }
        write(.withdrawn, transition)
    }

    mutating func amend(_ token: UInt32, to state: State) {
        guard var transition = open[token] else { return }
        transition.to = state
        open[token] = transition
        write(.amended, transition)
    }

    mutating func depart(_ record: ConnectionRecord, _ reason: Departure) {
        let serial = record.connection.serial
        records[serial] = nil
        for token in tokens.removeValue(forKey: serial) ?? [] { open[token] = nil }
    }

    private mutating func write(_ event: TransitionEvents.Event, _ transition: Transition) {
        guard !output.isClosed, let record = records[transition.connection] else { return }
        let delay = record.connection[transition.side].delayToTap
        let row = TransitionRow(
            transition: transition, time: transition.time(delay: delay), timeInState: nil,
            record: record)
        format.write(event, row, to: &output)
    }
}
