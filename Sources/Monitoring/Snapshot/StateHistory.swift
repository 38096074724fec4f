public import Diagnosis
public import TCPState
public import Wire

/// The states of all ends over time, in bounded memory: the last five minutes by the second, the last hour by twelve
/// seconds, the last day by 288.
public struct StateHistory: Sendable {
    /// A moment.
    public struct Sample: Sendable {
        /// When.
        public let time: Timestamp
        /// The clients' states.
        public let clients: StateCounts
        /// The servers'.
        public let servers: StateCounts
    }

    /// How far back it reaches.
    public enum Span: String, CaseIterable, Sendable {
        /// Five minutes.
        case minutes = "5m"
        /// An hour.
        case hour = "1h"
        /// A day.
        case day = "24h"

        /// The time between two samples.
        var step: TimeSpan {
            switch self {
            case .minutes: .seconds(1)
            case .hour: .seconds(12)
            case .day: .seconds(288)
            }
        }
    }

    /// Samples of each span.
    private static let limit = 300

    private var samples = [[Sample]](repeating: [], count: Span.allCases.count)
    private var next = [Timestamp](
        repeating: Timestamp(nanoseconds: .min), count: Span.allCases.count)

    /// An empty one.
    public init() {}

    /// Keeps what is due to be kept of a moment.
    public mutating func add(_ counts: RoleCounts, at time: Timestamp) {
        for (index, span) in Span.allCases.enumerated() where time >= next[index] {
            next[index] = time + span.step
            samples[index].append(
                Sample(time: time, clients: counts.clients, servers: counts.servers))
            if samples[index].count > StateHistory.limit { samples[index].removeFirst() }
        }
    }

    /// What is kept of a span, in order of time.
    public func samples(_ span: Span) -> [Sample] {
        samples[Span.allCases.firstIndex(of: span) ?? 0]
    }
}
