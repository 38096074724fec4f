import Diagnosis
import TCPState
import Wire

/// Bounds how many stuck connections are told of one by one: a stranger may make any number of them.
///
/// Of one diagnosis and service, a few within ten seconds; of all together, some hundred. The others are counted.
struct StuckFlood {
    private struct Kind: Hashable {
        let diagnosis: Diagnosis
        let service: Service
    }

    private var told: [Kind: Int] = [:]
    private var counted: [Kind: Int] = [:]
    private var toldInAll = 0
    /// Those of kinds for which there is no more room.
    private var others = 0
    private var begun: Timestamp?

    /// How many of one diagnosis and service are told of in a window.
    static let limit = 20
    /// How many of all together.
    static let limitInAll = 200
    /// After this time, counting begins anew.
    static let window = TimeSpan.seconds(10)

    /// Nothing has been told of yet.
    init() {}

    /// Whether there is room for one more. O(1).
    mutating func admit(_ problem: FindingExample, _ now: Timestamp) -> Bool {
        let service = Service(address: problem.address(.server), port: problem.port(.server))
        return admit(problem.finding.diagnosis, service, now)
    }

    /// Whether there is room for one more of a diagnosis and a service. O(1).
    mutating func admit(_ diagnosis: Diagnosis, _ service: Service, _ now: Timestamp) -> Bool {
        begun = begun ?? now
        let kind = Kind(diagnosis: diagnosis, service: service)
        if told[kind, default: 0] < StuckFlood.limit, toldInAll < StuckFlood.limitInAll {
            told[kind, default: 0] += 1
            toldInAll += 1
            return true
        }
        if counted[kind] != nil || counted.count < StuckFlood.limitInAll {
            counted[kind, default: 0] += 1
        } else {
            others += 1
        }
        return false
    }

    /// The counts in words, the largest first, once ten seconds are over; then counting begins anew.
    mutating func takeCounts(_ now: Timestamp) -> [String] {
        guard let start = begun, now - start >= StuckFlood.window else { return [] }
        defer { self = StuckFlood() }
        func order(_ kind: Kind) -> (String, Address, UInt16) {
            (kind.diagnosis.name, kind.service.address, kind.service.port)
        }
        let sorted = counted.sorted {
            $0.value == $1.value ? order($0.key) < order($1.key) : $0.value > $1.value
        }
        var lines = sorted.prefix(StuckFlood.limit).map { kind, count in
            let service = kind.service.address.text(port: kind.service.port)
            return "\(count) more connections to \(service) are stuck: \(kind.diagnosis.name)"
        }
        let rest = sorted.dropFirst(StuckFlood.limit).reduce(others) { $0 + $1.value }
        if rest > 0 { lines.append("\(rest) more connections to other services are stuck") }
        return lines
    }
}
