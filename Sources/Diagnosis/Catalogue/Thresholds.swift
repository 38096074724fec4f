public import Wire

/// The limits at which something counts as a finding, in one table. The defaults are our choice.
public struct Thresholds: Hashable, Sendable {
    /// The thresholds, in the order of the table.
    public enum Name: UInt8, CaseIterable, Sendable {
        case closeWait
        case closeWaitCritical
        case closeWaitCount
        case closeWaitSettled
        case quietHalfClose
        case finWait2
        case halfOpen
        case finCopies
        case timeWait
        case churn
        case portRange
        case idle
        case retransmissions
        case retransmissionsFatal
        case keepalives
        case repeating
        case zeroWindow
        case zeroWindowCritical
        case queueCount
        case refusedCount
        case floodCount
        case floodShare
        case floodSources
        case scanPorts
        case healthChecks
        case abortCount
        case restart
        case slowHandshake
        case answerTime
        case idlePool
    }

    /// What a threshold is measured in.
    public enum Unit: Sendable {
        /// Nanoseconds.
        case time
        /// A number.
        case count
        /// Per cent.
        case percent
    }

    private var values: [Int64]

    /// The defaults.
    public static let standard = Thresholds()

    /// The same in memory of its own: threads that share it take turns to count its users.
    func unshared() -> Thresholds {
        var copy = self
        copy.values.reserveCapacity(values.count + 1)
        return copy
    }

    private init() { values = Name.allCases.map { $0.row.value } }

    /// The value: nanoseconds, a number or per cent, as the threshold's unit says.
    public subscript(name: Name) -> Int64 {
        get { values[Int(name.rawValue)] }
        set { values[Int(name.rawValue)] = newValue }
    }

    /// The value of a threshold that is a length of time.
    public subscript(name: Name) -> TimeSpan {
        get { TimeSpan(nanoseconds: values[Int(name.rawValue)]) }
        set { values[Int(name.rawValue)] = newValue.nanoseconds }
    }
}

extension Thresholds.Name {
    /// Its stable name.
    public var name: String { row.name }
    /// What it is measured in.
    public var unit: Thresholds.Unit { row.unit }
    /// Its default with the unit, as an override is written: `60s`, `20`, `10%`.
    public var standardText: String {
        switch unit {
        case .time:
            row.value % 1_000_000_000 == 0
                ? "\(row.value / 1_000_000_000)s" : "\(row.value / 1_000_000)ms"
        case .count: "\(row.value)"
        case .percent: "\(row.value)%"
        }
    }

    /// What it decides, in one line without a full stop.
    public var meaning: String { row.meaning }

    fileprivate typealias Row = (
        name: String, value: Int64, unit: Thresholds.Unit, meaning: String
    )

    fileprivate var row: Row {
        func seconds(_ name: String, _ count: Int64, _ meaning: String) -> Row {
            (name, count * 1_000_000_000, .time, meaning)
        }
        func number(_ name: String, _ count: Int64, _ meaning: String) -> Row {
            (name, count, .count, meaning)
        }
        switch self {
        case .closeWait:
            return seconds("close-wait", 60, "a CLOSE_WAIT this old is a leak")
        case .closeWaitCritical:
            return seconds(
                "close-wait-critical", 300, "a CLOSE_WAIT this old makes the leak critical")
        case .closeWaitCount:
            return number(
                "close-wait-count", 20,
                "this many CLOSE_WAITs of one service make the leak critical")
        case .closeWaitSettled:
            return seconds(
                "close-wait-settled", 5,
                "a CLOSE_WAIT counts for close-wait-count once it is this old")
        case .quietHalfClose:
            return seconds(
                "quiet-half-close", 10, "a half-close is in use if data arrived within this time")
        case .finWait2:
            return seconds(
                "fin-wait-2", 55, "a RST this long after the FIN means that FIN_WAIT2 had timed out"
            )
        case .halfOpen:
            return seconds(
                "half-open", 1, "an end is half-open once its peer has been gone for this long")
        case .finCopies:
            return number(
                "fin-copies", 3, "this many copies of a FIN show that it is not acknowledged")
        case .timeWait:
            return number(
                "time-wait", 100, "this many TIME_WAITs of one host for one service are a pile-up")
        case .churn:
            return number(
                "churn", 1_000, "this many TIME_WAITs of one host for one service are churn")
        case .portRange:
            return number(
                "port-range", 28_232, "a client has this many ports for one service")
        case .idlePool:
            return seconds("idle-pool", 3_600, "a connection idle for this long waits in a pool")
        case .idle:
            return seconds(
                "idle", 5, "a silence this long may exceed the idle timeout of a middlebox")
        case .retransmissions:
            return number("retransmissions", 3, "this many unanswered retransmissions are a stall")
        case .retransmissionsFatal:
            return number(
                "retransmissions-fatal", 6,
                "this many unanswered retransmissions end the connection")
        case .keepalives:
            return number(
                "keepalives", 3, "this many unanswered keepalive probes mean that the peer is gone")
        case .repeating:
            return (
                "repeating", 900_000_000, .time,
                "retransmissions count once they have gone on for this long"
            )
        case .zeroWindow:
            return seconds("zero-window", 1, "a window closed for this long is a stall")
        case .zeroWindowCritical:
            return seconds(
                "zero-window-critical", 30, "a window closed for this long is a critical stall")
        case .queueCount:
            return number(
                "queue-count", 3,
                "this many ignored handshakes within 10 s mean a full accept queue")
        case .refusedCount:
            return number(
                "refused-count", 3, "this many refused connections of one service are a warning")
        case .floodCount:
            return number("flood-count", 100, "this many SYNs within 10 s may be a SYN flood")
        case .floodShare:
            return (
                "flood-share", 10, .percent,
                "a flood needs at least this share of handshakes that are not completed"
            )
        case .floodSources:
            return number("flood-sources", 10, "a flood needs at least this many source addresses")
        case .scanPorts:
            return number(
                "scan-ports", 20, "this many closed ports tried by one address are a port scan")
        case .healthChecks:
            return number(
                "health-checks", 5, "this many empty connections at a steady pace are health checks"
            )
        case .abortCount:
            return number("abort-count", 10, "this many aborts of one service are a warning")
        case .restart:
            return seconds(
                "restart", 1, "a host that was silent for less than this has not restarted")
        case .slowHandshake:
            return (
                "slow-handshake", 800_000_000, .time,
                "a SYN answered after this long had to be retransmitted"
            )
        case .answerTime:
            return seconds("answer", 5, "a request without an answer for this long is unanswered")
        }
    }
}
