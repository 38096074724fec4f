import Reports
import TCPState
import Tracking
import Wire

/// Keeps the history of a run, and the segments of one connection.
struct ConnectionTrace: TrackingObserver {
    private(set) var history = TransitionHistory()
    /// The connection as it began; nil until it did.
    private(set) var target: ConnectionRecord?
    private(set) var rows: [Ladder.LadderRow] = []
    private(set) var withdrawn: [(transition: Transition, frame: UInt64)] = []
    private let isWanted: (ConnectionRecord) -> Bool
    /// Transitions of the connection that may be withdrawn, by token.
    private var open: [UInt32: Transition] = [:]
    private var pending: [(token: UInt32, transition: Transition)] = []

    /// - Parameter isWanted: the first connection that is.
    init(_ isWanted: @escaping (ConnectionRecord) -> Bool) {
        self.isWanted = isWanted
    }

    mutating func connectionOpened(_ record: ConnectionRecord) {
        if target == nil, isWanted(record) { target = record }
    }

    mutating func observe(_ transition: Transition) -> UInt32 {
        let token = history.observe(transition)
        if transition.connection == target?.connection.serial { open[token] = transition }
        return token
    }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        history.confirm(token, seen: seen, notBefore: notBefore, notAfter: notAfter)
        open[token] = nil
    }

    mutating func withdraw(_ token: UInt32) {
        history.withdraw(token)
        if let transition = open.removeValue(forKey: token) { pending.append((token, transition)) }
    }

    mutating func amend(_ token: UInt32, to state: State) { history.amend(token, to: state) }

    mutating func connectionClosed(_ record: ConnectionRecord, _ reason: RemovalReason) {
        history.connectionClosed(record, reason)
    }

    /// Notes a segment, if it is the connection's. `states` are the key's connections after it.
    mutating func note(
        _ segment: Segment, at time: Timestamp, frame: UInt64, _ states: [ConnectionRecord],
        before: Connection?
    ) -> Connection? {
        let serial = target?.connection.serial
        guard let now = states.first(where: { $0.connection.serial == serial })?.connection,
            now.lastFrame == frame
        else { return before }
        let sender = FlowKey.sender(of: segment)
        let old = before?[sender]
        let new = now[sender]
        var notes: [String] = []
        if new.retransmissions > old?.retransmissions ?? 0 { notes.append("retransmission") }
        let isOld = old.map { segment.sequenceNumber == $0.sendNext - 1 } ?? false
        let isBare = segment.payloadLength <= 1 && segment.flags == .ack
        if isOld, isBare, before?[sender.peer].seen.contains(.zeroWindow) ?? false {
            notes = ["window probe"]
        } else if new.keepalives > old?.keepalives ?? 0 {
            notes.append("keepalive")
        }
        let isZero = new.seen.contains(.zeroWindow)
        if isZero, !(old?.seen.contains(.zeroWindow) ?? false) {
            notes.append("zero window: it takes no more")
        } else if !isZero, let old, old.seen.contains(.zeroWindow) {
            notes.append("window open again")
        }
        rows.append(
            Ladder.LadderRow(segment, from: sender, at: time, frame: frame, notes: notes))
        withdrawn += pending.map { ($0.transition, frame) }
        pending = []
        return now
    }
}
