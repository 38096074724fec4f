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
    struct TransitionEntry {
        let event: TransitionEvents.Event
        let transition: Transition
        let key: FlowKey
    }

    /// What has to be known of a connection to tell of its changes of state, and to count them.
    private struct OpenConnection {
        let key: FlowKey
        var stays: StateStays
    }

    /// What happened since ``takeTransitions()`` was called last.
    private var entries: [TransitionEntry] = []
    /// The connections that departed since then.
    private(set) var closed: [UInt32: ConnectionRecord] = [:]
    /// Connections that were only copies of others, seen on another interface or VLAN.
    private(set) var copies: UInt64 = 0
    /// Counts of all that have departed, but for copies.
    private(set) var summary: RunSummary
    /// When the run ended; nil before that.
    var end: Timestamp?
    private let wantsTransitions: Bool
    /// Counts transitions for metrics; nil where nobody asks for them.
    private(set) var meter: TransitionMeter?
    /// Keeps them for ladders; nil where nobody asks for those.
    private(set) var recent: RecentTransitions?
    private var connections = SerialTable<OpenConnection>()
    /// What is inferred and neither confirmed nor withdrawn yet.
    private var open = OpenTransitions()

    /// - Parameters:
    ///   - wantsTransitions: whether anybody is going to ask for transitions.
    ///   - isMetered: whether metrics are asked for.
    ///   - isShown: whether ladders are.
    init(
        local: AddressSet, _ limits: Thresholds, wantsTransitions: Bool, isMetered: Bool = false,
        isShown: Bool = false
    ) {
        meter = isMetered ? TransitionMeter() : nil
        recent = isShown ? RecentTransitions() : nil
        summary = RunSummary(local: local, limits)
        self.wantsTransitions = wantsTransitions
    }

    /// How many notes there are to take.
    var transitionCount: Int { entries.count }

    /// The notes from one on.
    func entries(from index: Int) -> ArraySlice<TransitionEntry> { entries[index...] }

    /// Whether there is anything to take.
    var hasChanges: Bool { !entries.isEmpty || !closed.isEmpty }

    /// What happened since the last call, oldest first.
    mutating func takeTransitions() -> [TransitionEntry] {
        defer {
            entries.removeAll(keepingCapacity: entries.count < 1 << 16)
            closed = [:]
        }
        return entries
    }

    mutating func connectionOpened(_ record: ConnectionRecord) {
        guard wantsTransitions || meter != nil else { return }
        connections[record.connection.serial] = OpenConnection(
            key: record.key, stays: StateStays(opener: record.connection.opener))
    }

    mutating func observe(_ transition: Transition) -> UInt32 {
        let token = recent?.observe(transition) ?? 0
        guard wantsTransitions || meter != nil else { return token }
        let known = connections.change(transition.connection) { connection in
            (key: connection.key, stay: connection.stays.change(transition))
        }
        if let known {
            meter?.add(transition, known.stay)
            if wantsTransitions {
                entries.append(
                    TransitionEntry(event: .found, transition: transition, key: known.key))
            }
        }
        return wantsTransitions ? open.name(transition, alias: token) : token
    }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        let name = recentName(of: token)
        recent?.confirm(name, seen: seen, notBefore: notBefore, notAfter: notAfter)
        guard wantsTransitions else { return }
        let confirmed = open.confirm(
            token, seen: seen, notBefore: notBefore, notAfter: notAfter)
        if let confirmed { add(.confirmed, confirmed) }
    }

    mutating func withdraw(_ token: UInt32) {
        meter?.withdraw()
        let name = recentName(of: token)
        recent?.withdraw(name)
        guard wantsTransitions else { return }
        if let withdrawn = open.withdraw(token) { add(.withdrawn, withdrawn) }
    }

    mutating func amend(_ token: UInt32, to state: State) {
        let name = recentName(of: token)
        recent?.amend(name, to: state)
        guard wantsTransitions else { return }
        if let amended = open.amend(token, to: state) { add(.amended, amended) }
    }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        let serial = record.connection.serial
        if record.connection.anomalies.contains(.seenElsewhere) {
            copies += 1
        } else {
            summary.add(record, at: reason == .captureEnd ? end : nil)
        }
        if end == nil { closed[serial] = copy record }
        connections.remove(serial)
        open.forget(serial)
    }

    /// What ``recent`` calls a transition.
    private func recentName(of token: UInt32) -> UInt32 {
        wantsTransitions ? open.alias(of: token) : token
    }

    private mutating func add(_ event: TransitionEvents.Event, _ transition: Transition) {
        guard let key = connections[transition.connection]?.key else { return }
        entries.append(TransitionEntry(event: event, transition: transition, key: key))
    }
}
