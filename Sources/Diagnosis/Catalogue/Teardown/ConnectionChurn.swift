internal import TCPState
internal import Wire

/// CONNECTION CHURN: one host opens and closes connections to one service at a high rate for a while: each costs a
/// handshake, and a TIME_WAIT at the side that closes first.
enum ConnectionChurn: CatalogueEntry {
    static let name = "connection-churn"
    static let thresholds: [Thresholds.Name] = [.churn]
    static let summary = "one host opens and closes connections at a high rate"
    static let definition =
        "Many connections of one host to one service were closed within a minute, as their TIME_WAITs show. Each"
        + " costs a handshake and a port; connections that are kept open cost neither."

    static func title(_ words: Words) -> String {
        "one client opens and closes connections at a high rate"
    }

    static func sentence(_ words: Words) -> String {
        let rate = words.slope.map { ", about \(Count(Int64(max(1, $0)))) per second" } ?? ""
        return
            "\(words.connections) between \(words.other) and this service were closed within a minute\(rate);"
            + " the \(words.endName) closes first."
    }

    static func remedy(_ words: Words) -> [String] {
        ["keep connections open on the client: HTTP keep-alive, a connection pool"]
    }
}

extension FindingAggregator {
    /// What the TIME_WAITs of one host to one service add up to.
    func pileup(_ group: FindingGroup) -> [FindingGroup] {
        guard Int64(group.count) >= limits[.timeWait] else { return [] }
        var pile = group
        let share = Int64(group.count) * 100 / max(1, limits[.portRange] as Int64)
        if group.key.end == .client, share >= 70 {
            pile.key.diagnosis = .portExhaustion
            pile.worst = share >= 90 ? .critical : .warning
            pile.measure = share
        }
        guard Int64(group.count) >= limits[.churn] else { return [pile] }
        var churn = group
        churn.key.diagnosis = .connectionChurn
        churn.key.fault = .client
        return [pile, churn]
    }
}
