public import TCPState
public import Wire

/// Looks at one connection at one moment. Pure: the same record, moment and thresholds give the same
/// findings, at the end of a capture and in the middle of it.
public struct ConnectionExaminer: Sendable {
    /// The connection.
    public let record: ConnectionRecord
    /// The moment on the packet clock, not before the connection's last segment.
    public let now: Timestamp
    let limits: Thresholds

    // Taken out of the connection once: each is asked for again and again.
    let client: Endpoint
    let server: Endpoint
    /// What keeps the connection from being either open and well, or over.
    public let waitState: WaitState?

    @inline(__always) var connection: Connection { record.connection }
    var rareFacts: RareFacts? { record.rareFacts }

    /// Prepares.
    public init(
        _ record: borrowing @_addressable ConnectionRecord, at now: Timestamp,
        _ limits: Thresholds = .standard
    ) {
        self.record = copy record
        client = record.connection.client
        server = record.connection.server
        waitState = WaitState(of: record.connection, at: now, limits)
        self.now = now
        self.limits = limits
    }

    /// What is the matter with the connection: often nothing, seldom more than one thing.
    public var findings: [Finding] {
        var all: [Finding] = []
        if !ConnectionExaminer.isUneventful(record, at: now, limits) { addFindings(to: &all) }
        return all
    }

    /// The same of a connection that is not uneventful, added to an empty list.
    func addFindings(to all: inout [Finding]) {
        func add(_ finding: Finding?) { if let finding { all.append(weighed(finding)) } }
        if let oneWay { return all.append(oneWay) }
        add(selfConnect ?? simultaneousOpen)
        add(portReuseCollision)
        add(resetIgnored)
        add(zeroWindowStall)
        add(slowHandshake)
        add(probedPathMTU)
        let main = main
        if all.isEmpty {
            add(main ?? unfinished)
        } else if main?.diagnosis != .synFiltered {
            // An old socket that answers is the reason already.
            add(main)
        }
    }

    /// What explains the connection's end, or why it does not end.
    private var main: Finding? {
        let atOnce = strayProbe ?? requestUnanswered ?? resetFinding.map { droppedByReset($0) }
        let stuck = atOnce ?? openingProblem ?? repeatedFIN ?? silentPeer ?? proxyHalfClose
        let open = stuck ?? halfClosed ?? halfOpen ?? droppedByFIN ?? resetForTimeWait
        return open ?? answerOverdue ?? idleInPool
    }

    /// What an end sends again and again without an answer.
    private var silentPeer: Finding? { shutFromTheStart ?? failedKeepalives ?? unansweredData }

    /// What is wrong with a handshake.
    private var openingProblem: Finding? {
        refused ?? unansweredSYN ?? unacknowledgedSYNACK ?? unansweredSYNACK
    }

    /// UNFINISHED: half-closed or stuck, but not for long enough to say why: the capture ends while the
    /// connection is being opened or closed. Rule R1.
    private var unfinished: Finding? {
        guard let waitState else { return nil }
        // After SYN,ACKs of two hosts the numbers do not tell what is acknowledged.
        if rareFacts?.otherSYNACK != nil, waitState == .unansweredData(from: .server) { return nil }
        return Finding(
            .unfinished, end: .client, fault: .nobody, .notice, .assumed, isSettled: false,
            since: max(client.since, server.since), length: now - connection.lastSeen,
            frame: connection.lastFrame)
    }

    /// Neither end waits, nothing odd was seen: most connections. Then there are no findings.
    public static func isUneventful(
        _ record: borrowing @_addressable ConnectionRecord, at now: Timestamp, _ limits: Thresholds
    ) -> Bool {
        // One condition after the other: what captures the record would copy it.
        guard !record.hasRareFacts, record.connection.hasNothingPending,
            record.connection[.low].hasSent == record.connection[.high].hasSent,
            record.connection.hasUsualGaps
        else { return false }
        let counts =
            record.connection[.low].unansweredRetransmissions
            | record.connection[.high].unansweredRetransmissions
            | record.connection[.low].unansweredKeepalives
            | record.connection[.high].unansweredKeepalives
        let answerTime: TimeSpan = limits[.answerTime]
        let idleTime: TimeSpan = limits[.idlePool]
        guard counts == 0, record.connection.hasUsualOpening, record.connection.hasBothWays,
            record.connection[.low].finCount < 3, record.connection[.high].finCount < 3,
            record.connection.anomalies.isDisjoint(with: [.selfConnect, .simultaneousOpen]),
            !record.connection[.low].seen.contains(.sendsAfterPeerFIN),
            !record.connection[.high].seen.contains(.sendsAfterPeerFIN),
            !record.connection.isWaitingForAnswer(since: answerTime, at: now),
            !record.connection.isOpenAndIdle(for: idleTime, at: now)
        else { return false }
        return true
    }

    /// With the rivals that the connection refutes.
    private func weighed(_ finding: Finding) -> Finding {
        var finding = lowered(finding)
        finding.refuted = refuted(finding)
        return finding
    }

    /// R3: where the capture misses segments of the connection, what is said of it is less sure; where it misses
    /// the start, an abort may be the answer to what came before.
    private func lowered(_ finding: Finding) -> Finding {
        let lacksCause =
            finding.diagnosis == .abortiveClose && finding.grade == .proved
            && connection.anomalies.contains(.midStream)
        guard connection.anomalies.contains(.ackOfUnseenData) || lacksCause,
            finding.grade != .assumed
        else { return finding }
        return Finding(
            finding.diagnosis, finding.form, end: finding.end, fault: finding.fault,
            finding.severity, finding.grade == .proved ? .inferred : .assumed,
            isSettled: finding.isSettled, since: finding.since, length: finding.length,
            count: Int(finding.count), frame: finding.frame, laterFrame: finding.laterFrame)
    }

    /// The end in a role.
    subscript(role: Role) -> Endpoint {
        @inline(__always) get { role == .client ? client : server }
    }

    /// The first end that something holds for.
    func role(where holds: (Role) -> Bool) -> Role? {
        holds(.client) ? .client : holds(.server) ? .server : nil
    }

    /// Whether repetitions of an end went on for so long that they are its own and not the tap's copies
    /// of one segment: rule R4.
    func repeats(_ role: Role, since start: Timestamp) -> Bool {
        self[role].lastSent - start >= limits[.repeating]
    }
}

extension Connection {
    /// Whether its silences mean nothing: there was none, or the latest was answered, and if it is over, was no
    /// client's that had waited for an answer.
    fileprivate var hasUsualGaps: Bool {
        @inline(__always) @_addressableSelf get {
            guard let gap = gaps.latest else { return true }
            guard gap.unanswered == 0 else { return false }
            return !gap.isWaiting || gap.isData
                || self[.low].state == .established && self[.high].state == .established
        }
    }

    /// Whether its SYN was not repeated, and it began with a segment that a host sends.
    fileprivate var hasUsualOpening: Bool {
        @inline(__always) @_addressableSelf get {
            self[.low].synCount < 2 && self[.high].synCount < 2
                && (isOpenerKnown || self[opener].first.flags.contains(.ack))
        }
    }

    /// Whether it has no data, or an answer to them.
    fileprivate var hasBothWays: Bool {
        @inline(__always) @_addressableSelf get {
            server.payload > 0 || (client.payload == 0 && firstCloser != opener.peer)
        }
    }

    /// Whether both ends are open, and what was sent last is the client's, some time ago.
    @inline(__always) @_addressableSelf
    fileprivate func isWaitingForAnswer(since time: TimeSpan, at now: Timestamp) -> Bool {
        self[.low].state == .established && self[.high].state == .established
            && self[opener].lastNew > self[opener.peer].lastNew
            && now - self[opener].lastNew >= time
    }

    /// Whether both ends are open, and have said nothing for some time.
    @inline(__always) @_addressableSelf
    fileprivate func isOpenAndIdle(for time: TimeSpan, at now: Timestamp) -> Bool {
        now - lastSeen >= time && self[.low].state == .established
            && self[.high].state == .established
    }

    /// Whether it is over for good, or open with both ends.
    fileprivate var hasNothingPending: Bool {
        @inline(__always) @_addressableSelf get {
            self[.low].isFINAcknowledged && self[.high].isFINAcknowledged
                || self[.low].state == .established && self[.high].state == .established
        }
    }
}
