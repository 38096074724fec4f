internal import TCPState
internal import Wire

/// The words of `half-open`.
enum HalfOpen: CatalogueEntry {
    static let name = "half-open"
    static let thresholds: [Thresholds.Name] = [.halfOpen]
    static let summary = "an end does not know that its peer is gone"
    static let definition =
        "One end of the connection is closed and the other end is still open and was not told, by FIN"
        + " or by RST. It finds out when it next sends data or a keepalive."

    static func title(_ words: Words) -> String {
        "the \(words.endName) does not know that the \(words.peer) is gone"
    }

    static func sentence(_ words: Words) -> String {
        let how = words.form == .expired ? " (assumed: its timer has expired)" : ""
        return
            "The \(words.peer)'s end is closed\(how) and the \(words.endName)'s end is still open. The"
            + " \(words.endName) finds out when it next sends data or a keepalive."
    }

    static let rivals: [Rival] = [
        Rival(.captureEnd) { words in
            "the \(words.peer) sent a segment after the capture ended: `ss -tn` there"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the \(words.endName), `ss -tno \(words.ss(words.end))` shows whether a keepalive timer runs",
            "set SO_KEEPALIVE, TCP_USER_TIMEOUT, or a timeout in the application",
        ]
    }
}

extension ConnectionExaminer {
    /// HALF-OPEN: one end is closed and the other is not and does not know.
    var halfOpen: Finding? {
        guard case .halfOpen(let remaining) = waitState else { return nil }
        let gone = self[remaining.peer]
        let age = now - gone.since
        guard age >= limits[.halfOpen] else { return nil }
        let grade = min(gone.grade, self[remaining].grade)
        let lacksStart = grade == .assumed && connection.anomalies.contains(.midStream)
        return Finding(
            .halfOpen, gone.grade == .assumed ? .expired : .usual, end: remaining, fault: .path,
            lacksStart ? .notice : .warning, grade, since: gone.since, length: age,
            frame: gone.sinceFrame)
    }
}

/// The less sure one.
private func min(_ a: Grade, _ b: Grade) -> Grade { a.rawValue > b.rawValue ? a : b }
