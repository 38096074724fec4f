internal import TCPState
internal import Wire

/// IDLE POOL LEAK: the number of connections to a service that are open and idle for more than an hour grows from hour
/// to hour: a pool opens new ones and neither uses nor closes the old, and no side has an idle timeout.
enum IdlePoolLeak: CatalogueEntry {
    static let name = "idle-pool-leak"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .flagsOnly]
    static let thresholds: [Thresholds.Name] = [.idlePool]
    static let summary = "idle connections accumulate and nobody closes them"
    static let definition =
        "Connections stay open and idle for more than an hour, and their number grows over three hours or more: a"
        + " connection pool opens new ones and does not close the old, and the server has no idle timeout."

    static func title(_ words: Words) -> String { "idle connections accumulate" }

    static func sentence(_ words: Words) -> String {
        "\(words.connections) \(words.they("has", "have")) been idle for \(words.lengthText), and their number"
            + " grows: neither side closes them."
    }

    static let rivals: [Rival] = [
        Rival(.wanted) { words in
            "the pool is meant to be this large: on the client, `ss -Htan \(words.ss(.client)) | wc -l`, an hour"
                + " apart"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the client, give the pool a maximum size and an idle timeout",
            "on the server, set an idle timeout (PostgreSQL idle_session_timeout, MySQL wait_timeout, nginx"
                + " keepalive_timeout)",
        ]
    }
}

extension ConnectionExaminer {
    /// One connection of it: open and silent for an hour. The others of the service decide.
    var idleInPool: Finding? {
        guard client.state == .established, server.state == .established, client.payload > 0,
            server.payload > 0, client.unacknowledgedBytes == 0, server.unacknowledgedBytes == 0,
            now - connection.lastSeen >= limits[.idlePool]
        else { return nil }
        return Finding(
            .idlePoolLeak, end: .client, fault: .client, .notice, .inferred,
            since: connection.lastSeen, length: now - connection.lastSeen,
            frame: connection.lastFrame)
    }
}

extension FindingAggregator {
    /// Twenty at least, whose last use spreads over three hours; otherwise they are only idle.
    func applyPoolRule(_ all: inout Groups) {
        for key in all.keys.filter({ $0.diagnosis == .idlePoolLeak }) {
            guard let group = all[key] else { continue }
            if group.count < 20 || group.newest - group.oldest < 3 * (limits[.idlePool] as TimeSpan)
            {
                all[key] = nil
            }
        }
    }
}
