public import Capture
import Coding
public import Reports
import TCPState
import Tracking
import Wire

extension CaptureAnalysis {
    /// Reads the captures and calls `body` with every transition when it is found, confirmed, withdrawn or amended.
    ///
    /// - Parameter beforeWaiting: is called whenever a file that is followed has no more for now.
    public func transitionEvents(
        beforeWaiting: @escaping () -> Void,
        _ body: @escaping (TransitionEvents.Event, TransitionRow) -> Void
    ) throws(CaptureError) -> InputResult {
        var stream = TransitionStream(body)
        return try runInOrder(&stream, beforeWaiting: beforeWaiting)
    }
}

/// Passes transitions on as they are found, an inference at once and its confirmation or withdrawal when
/// that comes.
struct TransitionStream: TrackingObserver {
    private let body: (TransitionEvents.Event, TransitionRow) -> Void
    private var records: [UInt32: ConnectionRecord] = [:]
    /// What is inferred and neither confirmed nor withdrawn yet.
    private var open = OpenTransitions()

    init(_ body: @escaping (TransitionEvents.Event, TransitionRow) -> Void) {
        self.body = body
    }

    mutating func connectionOpened(_ record: ConnectionRecord) {
        records[record.connection.serial] = record
    }

    mutating func observe(_ transition: Transition) -> UInt32 {
        write(.found, transition)
        return open.name(transition)
    }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        let confirmed = open.confirm(
            token, seen: seen, notBefore: notBefore, notAfter: notAfter)
        if let confirmed { write(.confirmed, confirmed) }
    }

    mutating func withdraw(_ token: UInt32) {
        if let withdrawn = open.withdraw(token) { write(.withdrawn, withdrawn) }
    }

    mutating func amend(_ token: UInt32, to state: State) {
        if let amended = open.amend(token, to: state) { write(.amended, amended) }
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        let serial = record.connection.serial
        records[serial] = nil
        open.forget(serial)
    }

    /// Writes the connections and what is open of them, or reads that in the place of nothing.
    mutating func code(_ coder: inout some RecordCoder) {
        let serials = records.keys.sorted()
        var count = serials.count
        coder.record { $0(&count) }
        var index = 0
        while index < count, coder.isValid {
            coder.record { coder in
                if coder.isReading {
                    let record = ConnectionRecord(from: &coder)
                    records[record.connection.serial] = record
                } else {
                    records[serials[index]]?.encode(to: &coder)
                }
            }
            index += 1
        }
        open.code(&coder)
    }

    private mutating func write(_ event: TransitionEvents.Event, _ transition: Transition) {
        guard let record = records[transition.connection] else { return }
        let delay = record.connection[transition.side].delayToTap
        let row = TransitionRow(
            transition: transition, time: transition.time(delay: delay), timeInState: nil,
            record: record)
        body(event, row)
    }
}
