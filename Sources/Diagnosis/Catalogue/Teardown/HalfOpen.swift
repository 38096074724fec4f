internal import TCPState
internal import Wire

/// The words of `half-open`.
enum HalfOpen: CatalogueEntry {
    static let name = "half-open"

    static func title(_ words: Words) -> String {
        "the \(words.key.end.name) does not know that its peer is gone"
    }

    static func sentence(_ words: Words) -> String {
        let how = words.form == .expired ? " (assumed, by its timer)" : ""
        return
            "The \(words.peer) is closed\(how) and the \(words.owner) is not: it finds out when it sends,"
            + " or by a keepalive."
    }

    static func refutation(_ words: Words) -> String {
        "a segment of the \(words.key.end.peer.name) after the capture"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "on the \(words.end.name): `ss -tno \(words.ss(words.end))` shows whether a keepalive timer runs",
            "set SO_KEEPALIVE, or TCP_USER_TIMEOUT, or a timeout of the program's own",
        ]
    }
}

extension ConnectionExaminer {
    /// HALF-OPEN: one end is closed and the other is not and does not know.
    var halfOpen: Finding? {
        guard case .halfOpen(let remaining) = situation else { return nil }
        let gone = self[remaining.peer]
        let age = now - gone.since
        guard age >= limits[.halfOpen] else { return nil }
        return Finding(
            .halfOpen, gone.grade == .assumed ? .expired : .usual, end: remaining, fault: .path,
            .warning, min(gone.grade, self[remaining].grade), since: gone.since, length: age,
            frame: gone.sinceFrame)
    }
}

/// The less sure one.
private func min(_ a: Grade, _ b: Grade) -> Grade { a.rawValue > b.rawValue ? a : b }
