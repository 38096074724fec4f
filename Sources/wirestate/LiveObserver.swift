import Diagnosis
import Reports
import TCPState
import Tracking
import Wire

/// Follows a live run: the transitions since it was last asked, and what has become of the connections
/// that have departed. Keeps what is open, and no more.
struct LiveObserver: TrackingObserver {
    /// A transition, and what became of it.
    struct Note {
        let event: TransitionEvents.Event
        let transition: Transition
        let key: FlowKey
    }

    /// What happened since ``takeNotes()`` was called last.
    private var notes: [Note] = []
    /// The connections that departed since then.
    private(set) var departed: [UInt32: ConnectionRecord] = [:]
    /// Counts of all that have departed.
    private(set) var overview: Overview
    /// When the run ended; nil before that.
    var end: Timestamp?
    private let wantsNotes: Bool
    private var keys: [UInt32: FlowKey] = [:]
    /// What is inferred and neither confirmed nor withdrawn yet.
    private var open: [UInt32: Transition] = [:]
    private var tokens: [UInt32: [UInt32]] = [:]
    private var next: UInt32 = 0

    /// - Parameter wantsNotes: whether anybody is going to ask for transitions.
    init(local: Set<Address>, _ limits: Thresholds, wantsNotes: Bool) {
        overview = Overview(local: local, limits)
        self.wantsNotes = wantsNotes
    }

    /// How many notes there are to take.
    var noteCount: Int { notes.count }

    /// The notes from one on.
    func notes(from index: Int) -> ArraySlice<Note> { notes[index...] }

    /// Whether there is anything to take.
    var hasNews: Bool { !notes.isEmpty || !departed.isEmpty }

    /// What happened since the last call, oldest first.
    mutating func takeNotes() -> [Note] {
        defer {
            notes.removeAll(keepingCapacity: notes.count < 1 << 16)
            departed = [:]
        }
        return notes
    }

    mutating func arrive(_ record: ConnectionRecord) {
        if wantsNotes { keys[record.connection.serial] = record.key }
    }

    mutating func observe(_ transition: Transition) -> UInt32 {
        guard wantsNotes else { return 0 }
        next &+= 1
        if transition.grade == .inferred || transition.event == .presumed {
            open[next] = transition
            tokens[transition.connection, default: []].append(next)
        }
        note(.found, transition)
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
        note(.confirmed, transition)
    }

    mutating func withdraw(_ token: UInt32) {
        guard let transition = open.removeValue(forKey: token) else { return }
        note(.withdrawn, transition)
    }

    mutating func amend(_ token: UInt32, to state: State) {
        guard var transition = open[token] else { return }
        transition.to = state
        open[token] = transition
        note(.amended, transition)
    }

    mutating func depart(_ record: ConnectionRecord, _ reason: Departure) {
        let serial = record.connection.serial
        overview.take(record, at: reason == .captureEnd ? end : nil)
        if end == nil { departed[serial] = record }
        keys[serial] = nil
        for token in tokens.removeValue(forKey: serial) ?? [] { open[token] = nil }
    }

    private mutating func note(_ event: TransitionEvents.Event, _ transition: Transition) {
        guard let key = keys[transition.connection] else { return }
        notes.append(Note(event: event, transition: transition, key: key))
    }
}
