public import TCPState

/// What can be the matter with a connection or a service. The definitions stand in the files of the
/// families, in plain words above the code.
public enum Diagnosis: UInt8, CaseIterable, Hashable, Sendable {
    // Teardown
    case closeWaitLeak, finWait2Held, finWait1Stuck, lastACKStuck, timeWaitPileup
    case portReuseCollision, legitimateHalfClose
    // Middleboxes
    case idleTimeoutBlackhole, idleTimeoutReset, forgedReset
    // Resets
    case halfOpenPeerRestarted, halfOpen, abortiveClose, keepaliveRace, resetIgnored
    // Opening
    case synFiltered, acceptQueueFull, refused, synReceivedStuck, synFlood, portScan
    case simultaneousOpen, selfConnect
    // Life
    case zeroWindowStall, keepaliveFailed, retransmitUntilDeath, healthCheck
    // What one tuple does not show
    case natBypassed, slowHandshake, pathMTU, requestUnanswered, proxyHalfClose
    case serviceDropsAll, synQueueDrop, pawsBehindNAT, duplicateAddress, resetNotDelivered
    case portExhaustion, connectionChurn, idlePoolLeak, resetForTimeWait
    // The capture itself
    case unfinished, oneWay

    /// The stable name, as in JSON and `--fail-on`.
    public var name: String { entry.name }

    /// The diagnosis of a name; nil for a name that none has.
    public init?(named name: String) {
        guard let diagnosis = Diagnosis.allCases.first(where: { $0.name == name }) else {
            return nil
        }
        self = diagnosis
    }

    /// The name of the same thing seen from the other end; nil for most.
    public var otherName: String? { entry.otherName }

    /// What is the matter, whichever end it is about, in one line without a full stop.
    public var summary: String { entry.summary }

    /// What it means and how it is recognised, in whole sentences.
    public var definition: String { entry.definition }

    /// The thresholds that decide about it.
    public var thresholds: [Thresholds.Name] { entry.thresholds }

    /// What to rule out first, as of a server and of no service in particular; empty if there is nothing.
    public var refutation: String {
        entry.rivals.map { $0.doubt(Words(group: FindingGroup(general))) }.joined(separator: "; ")
    }

    /// What to do, the first step first, as of a server and of no service in particular.
    public var remedy: [String] { entry.remedy(Words(group: FindingGroup(general))) }

    private var general: FindingGroup.Key {
        FindingGroup.Key(diagnosis: self, service: nil, end: .server, fault: .server)
    }

    /// Whether it is about a connection that ended by a RST.
    public var isReset: Bool {
        switch self {
        case .idleTimeoutReset, .forgedReset, .halfOpenPeerRestarted, .abortiveClose,
            .keepaliveRace, .finWait2Held, .resetNotDelivered, .duplicateAddress:
            true
        default: false
        }
    }
}

/// Who has to act.
public enum Fault: String, CaseIterable, Hashable, Sendable {
    /// The client's program or host.
    case client
    /// The server's program or host.
    case server
    /// The way between the hosts, or a host that is gone.
    case path
    /// A device between the hosts that takes part in the connection.
    case middlebox
    /// How the capture was taken.
    case capture
    /// Nobody: nothing is wrong.
    case nobody

    /// Reads a name, as it is in JSON or in text for people; nil for anything else.
    public init?(named name: String) {
        guard let fault = Fault.allCases.first(where: { $0.rawValue == name || $0.words == name })
        else { return nil }
        self = fault
    }

    /// The same in text for people.
    public var words: String { self == .nobody ? "none" : rawValue }

    /// Its place among all.
    var number: UInt8 {
        switch self {
        case .client: 0
        case .server: 1
        case .path: 2
        case .middlebox: 3
        case .capture: 4
        case .nobody: 5
        }
    }

    /// The fault of an end.
    public init(_ role: Role) { self = role == .client ? .client : .server }
}

/// How bad a finding is, the worst first.
public enum Severity: UInt8, CaseIterable, Comparable, Hashable, Sendable {
    /// Act now.
    case critical
    /// Act.
    case warning
    /// Good to know, or not yet sure.
    case notice
    /// Recognised, and nothing wrong.
    case benign

    /// The stable name.
    public var name: String {
        switch self {
        case .critical: "critical"
        case .warning: "warning"
        case .notice: "notice"
        case .benign: "benign"
        }
    }

    /// The worse one is smaller.
    public static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
}
