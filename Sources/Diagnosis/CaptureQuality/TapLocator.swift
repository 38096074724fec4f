public import TCPState
public import Wire

/// Finds out where the tap was from all connections of a capture: by how fast each host answers, and by
/// whether its packets have passed a router (a time to live of 64, 128 or 255 has not been counted down).
public struct TapLocator: Sendable {
    /// Connections by where the tap is for them.
    public private(set) var counts = SmallCounter<Vantage>()
    /// Connections by the host that the tap is on. At most 1,024 hosts, those with the smallest
    /// addresses, so that their order does not matter: a tap is on few.
    public private(set) var hosts: [Address: UInt64] = [:]
    /// Connections whose near end sends with a time to live that no router has lowered.
    public private(set) var unrouted: UInt64 = 0
    /// Connections with segments larger than a network carries: segmentation or reassembly is left to
    /// a network card, and the tap is on a host.
    public private(set) var offloading: UInt64 = 0

    private static let hostLimit = 1024
    /// The largest address that is still noted; nil while there is room.
    private var limit: Address?
    private var nearTimes = RoundTrips()
    private var farTimes = RoundTrips()

    /// Begins with nothing.
    public init() {}

    /// Adds what another survey has found.
    public mutating func add(_ other: TapLocator) {
        counts.add(other.counts)
        for (host, count) in other.hosts { countHost(host, count) }
        unrouted += other.unrouted
        offloading += other.offloading
        nearTimes.add(other.nearTimes)
        farTimes.add(other.farTimes)
    }

    private mutating func countHost(_ host: Address, _ count: UInt64) {
        if let limit, host > limit { return }
        hosts[host, default: 0] += count
        guard hosts.count > Self.hostLimit, let largest = hosts.keys.max() else { return }
        hosts[largest] = nil
        limit = hosts.keys.max()
    }

    /// Looks at a connection that departs.
    public mutating func add(_ record: borrowing @_addressable ConnectionRecord) {
        if record.connection[.low].seen.contains(.superSegments)
            || record.connection[.high].seen.contains(.superSegments)
        {
            offloading += 1
        }
        guard let vantage = Vantage(of: record.connection) else { return }
        counts.add(vantage)
        let near: Side
        switch vantage {
        case .client: near = record.connection.opener
        case .server: near = record.connection.opener.peer
        case .between, .everywhere: return
        }
        let host = record.address(near)
        countHost(host, 1)
        switch record.connection[near].timeToLive {
        case 64, 128, 255: unrouted += 1
        default: break
        }
        nearTimes.add(record.connection[near].roundTrip)
        farTimes.add(record.connection[near.peer].roundTrip)
    }

    /// What nine of ten connections say; nil where they say nothing or contradict each other.
    public var verdict: Vantage? {
        let total = counts.entries.reduce(0) { $0 + $1.count }
        return counts.entries.first { $0.count * 10 >= total * 9 }?.key
    }

    /// The host that most connections show the tap on.
    public var host: Address? {
        hosts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// One line: where, and why.
    public var sentence: String? {
        guard !counts.entries.isEmpty else { return nil }
        switch verdict {
        case .client?, .server?:
            guard let verdict, let host else { return nil }
            let whose = verdict == .client ? "client" : "server"
            let more = hosts.count > 1 ? " and \(Count(hosts.count - 1)) more" : ""
            let routers = unrouted == counts[verdict] ? "; its TTL was not lowered by a router" : ""
            let cards = offloading > 0 ? "; segmentation offload is visible" : ""
            return "Captured on the \(whose)'s side, at \(host)\(more): it answers within"
                + " \(nearTimes.text), the other side within \(farTimes.text)\(routers)\(cards)."
        case .between?:
            return "Captured between the hosts: neither answers within 0.4 ms."
        case .everywhere?:
            return "Captured at or next to both ends: both answer within 0.4 ms."
        case nil:
            let parts = Vantage.allCases.filter { counts[$0] > 0 }.map { vantage in
                "\(vantage.words) \(Count(counts[vantage]))"
            }
            return "The capture point differs between connections: " + parts.joined(separator: ", ")
                + "."
        }
    }

    /// The middle of many round-trip times, by powers of two: enough to tell microseconds from
    /// milliseconds, in no memory to speak of.
    private struct RoundTrips: Sendable {
        var buckets = [UInt64](repeating: 0, count: 64)

        mutating func add(_ time: TimeSpan?) {
            guard let time else { return }
            buckets[63 - max(1, time.nanoseconds).leadingZeroBitCount] += 1
        }

        mutating func add(_ other: RoundTrips) {
            for power in buckets.indices { buckets[power] += other.buckets[power] }
        }

        /// An upper bound of the median.
        var text: String {
            let half = (buckets.reduce(0, +) + 1) / 2
            var seen: UInt64 = 0
            for (power, count) in buckets.enumerated() {
                seen += count
                if seen >= half, count > 0 { return Self.text(nanoseconds: 2 << UInt64(power)) }
            }
            return "-"
        }

        static func text(nanoseconds: UInt64) -> String {
            switch nanoseconds {
            case ..<1_000_000:
                let tenths = max(1, (nanoseconds + 50_000) / 100_000)
                return "0.\(min(tenths, 9)) ms"
            case ..<1_000_000_000: return "\((nanoseconds + 500_000) / 1_000_000) ms"
            default: return "\((nanoseconds + 500_000_000) / 1_000_000_000) s"
            }
        }
    }
}

extension Vantage {
    /// The words for it in a list.
    public var words: String {
        switch self {
        case .client: "at the client"
        case .server: "at the server"
        case .between: "between the ends"
        case .everywhere: "next to both ends"
        }
    }
}
