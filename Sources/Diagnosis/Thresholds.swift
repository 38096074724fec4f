/// From when on something counts, in one table. The defaults are our choice.
public struct Thresholds: Hashable, Sendable {
    /// A threshold by its stable name.
    public enum Name: String, CaseIterable, Sendable {
        case closeWait = "close-wait"
        case closeWaitCritical = "close-wait-critical"
        case closeWaitCount = "close-wait-count"
        case closeWaitSettled = "close-wait-settled"
        case quietHalfClose = "quiet-half-close"
        case finWait2 = "fin-wait-2"
        case halfOpen = "half-open"
        case finCopies = "fin-copies"
        case timeWait = "time-wait"
        case idle = "idle"
        case retransmissions = "retransmissions"
        case retransmissionsFatal = "retransmissions-fatal"
        case keepalives = "keepalives"
        case repeating = "repeating"
        case zeroWindow = "zero-window"
        case zeroWindowCritical = "zero-window-critical"
        case queueCount = "queue-count"
        case refusedCount = "refused-count"
        case floodCount = "flood-count"
        case floodCompletion = "flood-completion"
        case floodSources = "flood-sources"
        case scanPorts = "scan-ports"
        case healthChecks = "health-checks"
        case abortCount = "abort-count"
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

    private init() { values = Name.allCases.map { $0.row.value } }

    /// The value: nanoseconds, a number or per cent, as the threshold's unit says.
    public subscript(name: Name) -> Int64 {
        get { values[name.position] }
        set { values[name.position] = newValue }
    }
}

extension Thresholds.Name {
    /// What it is measured in.
    public var unit: Thresholds.Unit { row.unit }
    /// What it is about, in a few words.
    public var meaning: String { row.meaning }

    fileprivate typealias Row = (value: Int64, unit: Thresholds.Unit, meaning: String)

    fileprivate var row: Row {
        func seconds(_ count: Int64, _ meaning: String) -> Row {
            (count * 1_000_000_000, .time, meaning)
        }
        func number(_ count: Int64, _ meaning: String) -> Row { (count, .count, meaning) }
        switch self {
        case .closeWait: return seconds(60, "a socket in CLOSE_WAIT for so long is a leak")
        case .closeWaitCritical: return seconds(300, "and for so long is critical")
        case .closeWaitCount: return number(20, "so many of one service are critical at once")
        case .closeWaitSettled: return seconds(5, "if each is at least so old")
        case .quietHalfClose: return seconds(10, "a half-close works while data came within")
        case .finWait2:
            return seconds(55, "a RST so long after the FIN means FIN_WAIT2 had expired")
        case .halfOpen: return seconds(1, "an end gone for so long leaves the other half-open")
        case .finCopies:
            return number(3, "so many copies of a FIN show that it is not acknowledged")
        case .timeWait: return number(100, "so many TIME_WAITs of one host to a service pile up")
        case .idle: return seconds(5, "a silence of so long may be too long for a middlebox")
        case .retransmissions: return number(3, "so many retransmissions without an answer stall")
        case .retransmissionsFatal: return number(6, "and so many end the connection")
        case .keepalives: return number(3, "so many keepalive probes without an answer fail")
        case .repeating: return (900_000_000, .time, "repetitions count if they took so long")
        case .zeroWindow: return seconds(1, "a window closed for so long is a stall")
        case .zeroWindowCritical: return seconds(30, "and a stall of so long is critical")
        case .queueCount: return number(3, "so many ignored handshakes in 10 s fill a queue")
        case .refusedCount: return number(3, "so many refused connections of a service warn")
        case .floodCount: return number(100, "so many SYNs in 10 s may be a flood")
        case .floodCompletion: return (10, .percent, "if fewer complete their handshake")
        case .floodSources: return number(10, "and they come from so many addresses")
        case .scanPorts: return number(20, "so many closed ports tried by one address are a scan")
        case .healthChecks:
            return number(5, "so many empty connections at a steady pace are checks")
        case .abortCount: return number(10, "so many aborts of one service warn")
        }
    }

    fileprivate var position: Int { Thresholds.positions[self]! }
}

extension Thresholds {
    fileprivate static let positions = Dictionary(
        uniqueKeysWithValues: Name.allCases.enumerated().map { ($1, $0) })
}
