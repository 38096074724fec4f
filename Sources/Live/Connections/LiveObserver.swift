import Analysis
import Diagnosis
import Memory
import Monitoring
import Reports
import TCPState
import Tracking
import Wire

/// Follows a live run: the transitions since it was last asked, and what has become of the connections
/// that have departed. Keeps what is open, and no more.
struct LiveObserver: TrackingObserver {
    static var looksUp: Bool { true }

    /// A transition, and what became of it.
    struct Note {
        let event: TransitionEvents.Event
        let transition: Transition
        let key: FlowKey
    }

    /// What happened since ``takeNotes()`` was called last.
    private var notes: [Note] = []
    /// The connections that departed since then.
    private(set) var closed: [UInt32: ConnectionRecord] = [:]
    /// Connections that were only copies of others, seen on another interface or VLAN.
    private(set) var copies: UInt64 = 0
    /// Counts of all that have departed, but for copies.
    private(set) var summary: RunSummary
    /// When the run ended; nil before that.
    var end: Timestamp?
    private let wantsNotes: Bool
    /// Counts transitions for metrics; nil where nobody asks for them.
    private(set) var meter: TransitionMeter?
    /// Keeps them for ladders; nil where nobody asks for those.
    private(set) var recent: RecentTransitions?
    private var keys = SerialTable<FlowKey>()
    /// What is inferred and neither confirmed nor withdrawn yet.
    private var open = OpenTransitions()

    /// - Parameters:
    ///   - wantsNotes: whether anybody is going to ask for transitions.
    ///   - isMetered: whether metrics are asked for.
    ///   - isShown: whether ladders are.
    init(
        local: AddressSet, _ limits: Thresholds, wantsNotes: Bool, isMetered: Bool = false,
        isShown: Bool = false
    ) {
        meter = isMetered ? TransitionMeter() : nil
        recent = isShown ? RecentTransitions() : nil
        summary = RunSummary(local: local, limits)
        self.wantsNotes = wantsNotes
    }

    /// How many notes there are to take.
    var noteCount: Int { notes.count }

    /// The notes from one on.
    func notes(from index: Int) -> ArraySlice<Note> { notes[index...] }

    /// Whether there is anything to take.
    var hasNews: Bool { !notes.isEmpty || !closed.isEmpty }

    /// What happened since the last call, oldest first.
    mutating func takeNotes() -> [Note] {
        defer {
            notes.removeAll(keepingCapacity: notes.count < 1 << 16)
            closed = [:]
        }
        return notes
    }

    mutating func connectionOpened(_ record: ConnectionRecord) {
        meter?.open(record.connection)
        if wantsNotes { keys[record.connection.serial] = record.key }
    }

    mutating func observe(_ transition: Transition) -> UInt32 {
        meter?.note(transition)
        let token = recent?.observe(transition) ?? 0
        guard wantsNotes else { return token }
        note(.found, transition)
        return open.name(transition, alias: token)
    }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        let name = recentName(of: token)
        recent?.confirm(name, seen: seen, notBefore: notBefore, notAfter: notAfter)
        guard wantsNotes else { return }
        let confirmed = open.confirm(
            token, seen: seen, notBefore: notBefore, notAfter: notAfter)
        if let confirmed { note(.confirmed, confirmed) }
    }

    mutating func withdraw(_ token: UInt32) {
        meter?.withdraw()
        let name = recentName(of: token)
        recent?.withdraw(name)
        guard wantsNotes else { return }
        if let withdrawn = open.withdraw(token) { note(.withdrawn, withdrawn) }
    }

    mutating func amend(_ token: UInt32, to state: State) {
        let name = recentName(of: token)
        recent?.amend(name, to: state)
        guard wantsNotes else { return }
        if let amended = open.amend(token, to: state) { note(.amended, amended) }
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        let serial = record.connection.serial
        meter?.close(serial)
        if record.connection.anomalies.contains(.seenElsewhere) {
            copies += 1
        } else {
            summary.add(record, at: reason == .captureEnd ? end : nil)
        }
        if end == nil { closed[serial] = copy record }
        guard wantsNotes else { return }
        keys.remove(serial)
        open.forget(serial)
    }

    /// What ``recent`` calls a transition.
    private func recentName(of token: UInt32) -> UInt32 {
        wantsNotes ? open.alias(of: token) : token
    }

    private mutating func note(_ event: TransitionEvents.Event, _ transition: Transition) {
        guard let key = keys[transition.connection] else { return }
        notes.append(Note(event: event, transition: transition, key: key))
    }
}
