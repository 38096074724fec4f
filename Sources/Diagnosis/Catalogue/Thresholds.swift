/// From when on something counts, in one table. The defaults are our choice.
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
}

extension Thresholds.Name {
    /// Its stable name.
    public var name: String { row.name }
    /// What it is measured in.
    public var unit: Thresholds.Unit { row.unit }
    /// What it is about, in a few words.
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
            return seconds("close-wait", 60, "a socket in CLOSE_WAIT for so long is a leak")
        case .closeWaitCritical:
            return seconds("close-wait-critical", 300, "and for so long is critical")
        case .closeWaitCount:
            return number("close-wait-count", 20, "so many of one service are critical at once")
        case .closeWaitSettled:
            return seconds("close-wait-settled", 5, "if each is at least so old")
        case .quietHalfClose:
            return seconds("quiet-half-close", 10, "a half-close works while data came within")
        case .finWait2:
            return seconds(
                "fin-wait-2", 55, "a RST so long after the FIN means FIN_WAIT2 had expired")
        case .halfOpen:
            return seconds("half-open", 1, "an end gone for so long leaves the other half-open")
        case .finCopies:
            return number(
                "fin-copies", 3, "so many copies of a FIN show that it is not acknowledged")
        case .timeWait:
            return number("time-wait", 100, "so many TIME_WAITs of one host to a service pile up")
        case .idle:
            return seconds("idle", 5, "a silence of so long may be too long for a middlebox")
        case .retransmissions:
            return number("retransmissions", 3, "so many retransmissions without an answer stall")
        case .retransmissionsFatal:
            return number("retransmissions-fatal", 6, "and so many end the connection")
        case .keepalives:
            return number("keepalives", 3, "so many keepalive probes without an answer fail")
        case .repeating:
            return ("repeating", 900_000_000, .time, "repetitions count if they took so long")
        case .zeroWindow: return seconds("zero-window", 1, "a window closed for so long is a stall")
        case .zeroWindowCritical:
            return seconds("zero-window-critical", 30, "and a stall of so long is critical")
        case .queueCount:
            return number("queue-count", 3, "so many ignored handshakes in 10 s fill a queue")
        case .refusedCount:
            return number("refused-count", 3, "so many refused connections of a service warn")
        case .floodCount: return number("flood-count", 100, "so many SYNs in 10 s may be a flood")
        case .floodShare:
            return (
                "flood-share", 10, .percent, "if so many of all do not complete their handshake"
            )
        case .floodSources:
            return number("flood-sources", 10, "and they come from so many addresses")
        case .scanPorts:
            return number("scan-ports", 20, "so many closed ports tried by one address are a scan")
        case .healthChecks:
            return number(
                "health-checks", 5, "so many empty connections at a steady pace are checks")
        case .abortCount: return number("abort-count", 10, "so many aborts of one service warn")
        case .restart:
            return seconds("restart", 1, "a host that was silent for less has not restarted")
        case .slowHandshake:
            return (
                "slow-handshake", 800_000_000, .time, "a SYN answered after so long was repeated"
            )
        case .answerTime:
            return seconds("answer", 5, "a request without an answer for so long has none")
        }
    }
}
