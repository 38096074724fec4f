internal import Analysis
internal import Diagnosis
internal import TCPState
internal import Wire

/// Which rows a page shows, and in which order, by the fields of its request.
struct RowQuery {
    enum Order: String {
        case problem = "trouble"
        case client, server, clientState = "client-state", serverState = "server-state"
        case since, queue
    }

    private let words: [String]
    private let state: String?
    private let wantsStuck: Bool
    private let order: Order
    private let isDescending: Bool
    let limit: Int

    /// The most rows that are shown, whatever is asked for.
    private static let most = 5000

    init(_ fields: [String: String]) {
        words = (fields["find"] ?? "").lowercased().split(separator: " ").prefix(16).map(
            String.init)
        state = fields["state"].flatMap { $0.isEmpty ? nil : $0 }
        wantsStuck = fields["stuck"] == "1"
        order = Order(rawValue: fields["order"] ?? "") ?? .problem
        isDescending = fields["descending"] == "1"
        limit = min(max(1, fields["limit"].flatMap { Int($0) } ?? 100), RowQuery.most)
    }

    /// The rows that match, in order: all of them, of which ``limit`` are to be shown.
    func select(_ rows: [PageRow]) -> [PageRow] {
        let found = rows.filter { row in
            if wantsStuck, row.problem == nil { return false }
            if let state,
                ![row.client, row.server].contains(where: { $0.state?.name(.netstat) == state })
            {
                return false
            }
            if words.isEmpty { return true }
            let text = row.words
            return words.allSatisfy { text.contains($0) }
        }
        let sorted = found.sorted(by: precedes)
        return isDescending ? sorted.reversed() : sorted
    }

    private func precedes(_ a: PageRow, _ b: PageRow) -> Bool {
        switch order {
        case .problem:
            guard let one = a.problem?.severity, let other = b.problem?.severity else {
                return a.problem == nil && b.problem == nil
                    ? a.serial > b.serial : a.problem != nil
            }
            return (one.rawValue, a.since, a.serial) < (other.rawValue, b.since, b.serial)
        case .client: return order(a.client, a.serial) < order(b.client, b.serial)
        case .server: return order(a.server, a.serial) < order(b.server, b.serial)
        case .clientState: return (rank(a.client), a.serial) < (rank(b.client), b.serial)
        case .serverState: return (rank(a.server), a.serial) < (rank(b.server), b.serial)
        case .since: return (a.since, a.serial) < (b.since, b.serial)
        case .queue: return (b.sendQueue, a.serial) < (a.sendQueue, b.serial)
        }
    }

    private func order(_ end: PageRow.End, _ serial: UInt32) -> (Address, UInt16, UInt32) {
        (end.address, end.port, serial)
    }

    private func rank(_ end: PageRow.End) -> Int { end.state.map { Int($0.rawValue) } ?? -1 }
}
