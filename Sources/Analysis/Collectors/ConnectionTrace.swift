public import Capture
public import Reports
public import TCPState
public import Tracking
import Wire

extension CaptureAnalysis {
    /// Reads the captures and follows some connections segment by segment.
    ///
    /// - Parameters:
    ///   - limit: as many connections are followed, the first ones.
    ///   - rowLimit: as many segments of each are kept, the first ones.
    ///   - isWanted: whether a connection is to be followed.
    /// - Returns: their ladders by stream, and the history of all connections.
    public func traces(
        limit: Int = 1, rowLimit: Int = .max,
        where isWanted: @escaping (ConnectionRecord) -> Bool
    ) throws(CaptureError) -> (
        input: InputResult, ladders: [UInt32: Ladder], history: TransitionHistory
    ) {
        var trace = ConnectionTrace(limit: limit, rowLimit: rowLimit, isWanted)
        let decoder = Decoder()
        let input = try runInOrder(
            &trace,
            after: { tracker, frame, name in
                var segment = Segment()
                let outcome = decoder.decode(
                    frame.bytes, linkType: frame.linkType, wireLength: frame.wireLength,
                    into: &segment)
                guard case .segment = outcome else { return }
                let key = FlowKey(segment)
                guard tracker.observer.base.follows(tracker.observer.masked(key)) else { return }
                let states = tracker.connections(of: segment, interface: frame.interface)
                tracker.observer.base.add(segment, at: frame.timestamp, frame: name, states)
            })
        return (input, trace.ladders(isNear: options.isNear), trace.history)
    }
}

/// Keeps the history of a run, and the segments of some of its connections.
struct ConnectionTrace: TrackingObserver {
    /// One connection whose segments are kept.
    private struct Target {
        let key: FlowKey
        var rows: [Ladder.LadderRow] = []
        var withdrawn: [(transition: Transition, frame: UInt64)] = []
        /// How it stood after its last segment.
        var before: Connection?
        /// Withdrawals since that segment: the next one shows them.
        var pending: [Transition] = []
    }

    private(set) var history = TransitionHistory()
    private var targets: [UInt32: Target] = [:]
    private var keys: Set<FlowKey> = []
    private let isWanted: (ConnectionRecord) -> Bool
    private let limit: Int
    private let rowLimit: Int
    /// Transitions of the connections that may be withdrawn, by token.
    private var open: [UInt32: Transition] = [:]

    /// - Parameters:
    ///   - limit: as many connections are kept, the first ones.
    ///   - rowLimit: as many segments of each are kept, the first ones.
    ///   - isWanted: whether a connection is to be kept.
    init(
        limit: Int = 1, rowLimit: Int = .max, _ isWanted: @escaping (ConnectionRecord) -> Bool
    ) {
        self.limit = limit
        self.rowLimit = rowLimit
        self.isWanted = isWanted
    }

    mutating func connectionOpened(_ record: ConnectionRecord) {
        guard targets.count < limit, isWanted(record) else { return }
        targets[record.connection.serial] = Target(key: record.key)
        keys.insert(record.key)
    }

    mutating func observe(_ transition: Transition) -> UInt32 {
        let token = history.observe(transition)
        if targets[transition.connection] != nil { open[token] = transition }
        return token
    }

    mutating func confirm(
        _ token: UInt32, seen: Timestamp, notBefore: Timestamp, notAfter: Timestamp
    ) {
        history.confirm(token, seen: seen, notBefore: notBefore, notAfter: notAfter)
        open[token]?.confirm(seen: seen, notBefore: notBefore, notAfter: notAfter)
    }

    mutating func withdraw(_ token: UInt32) {
        history.withdraw(token)
        guard let transition = open.removeValue(forKey: token) else { return }
        targets[transition.connection]?.pending.append(transition)
    }

    mutating func amend(_ token: UInt32, to state: State) { history.amend(token, to: state) }

    mutating func connectionClosed(
        _ record: borrowing @_addressable ConnectionRecord, _ reason: RemovalReason
    ) {
        history.connectionClosed(record, reason)
    }

    /// Whether a segment on this key may be of a connection that is kept.
    func follows(_ key: FlowKey) -> Bool { keys.contains(key) }

    /// Keeps a segment, if it is of such a connection. `states` are the key's connections after it.
    mutating func add(
        _ segment: Segment, at time: Timestamp, frame: UInt64, _ states: [ConnectionRecord]
    ) {
        guard let now = states.first(where: { $0.connection.lastFrame == frame })?.connection,
            var target = targets.removeValue(forKey: now.serial)
        else { return }
        let sender = FlowKey.sender(of: segment)
        if target.rows.count < rowLimit {
            let notes = ConnectionTrace.notes(segment, sender, target.before, now)
            target.rows.append(
                Ladder.LadderRow(segment, from: sender, at: time, frame: frame, notes: notes))
        }
        target.withdrawn += target.pending.map { ($0, frame) }
        target.pending = []
        target.before = now
        targets[now.serial] = target
    }

    /// What is odd about a segment, by how the connection stood before and after it.
    private static func notes(
        _ segment: Segment, _ sender: Side, _ before: Connection?, _ now: Connection
    ) -> [String] {
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
            notes.append("zero window: it accepts no more data")
        } else if !isZero, let old, old.seen.contains(.zeroWindow) {
            notes.append("window reopened")
        }
        return notes
    }

    /// The ladders of the connections that are kept, by stream.
    func ladders(isNear: (ConnectionRecord, Side) -> Bool) -> [UInt32: Ladder] {
        var rows: [UInt32: [TransitionRow]] = [:]
        var records: [UInt32: ConnectionRecord] = [:]
        for row in history.rows(isNear: isNear) {
            let serial = row.transition.connection
            guard targets[serial] != nil else { continue }
            records[serial] = row.record
            rows[serial, default: []].append(row)
        }
        var ladders: [UInt32: Ladder] = [:]
        for (serial, target) in targets {
            guard let record = records[serial] else { continue }
            ladders[record.connection.stream] = Ladder(
                record: record, rows: target.rows, history: rows[serial] ?? [],
                withdrawn: target.withdrawn)
        }
        return ladders
    }
}
