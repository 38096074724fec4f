internal import TCPState
internal import Wire

/// The words of `legit-half-close`.
enum LegitimateHalfClose: CatalogueEntry {
    static let name = "legit-half-close"
    static let thresholds: [Thresholds.Name] = [.quietHalfClose]
    static let summary = "deliberate half-close"
    static let definition =
        "One end sent its FIN and the other goes on sending data, which the first acknowledges."

    static let rivals: [Rival] = [
        Rival(
            .waitsOnPurpose, ofConnection: { .data(frame: $0[$1.end.peer].sinceFrame) },
            doubt: { words in "the \(words.peer) does not close" })
    ]

    static func title(_ words: Words) -> String { "deliberate half-close" }

    static func sentence(_ words: Words) -> String {
        "The \(words.endName) sent its FIN; the \(words.peer) goes on sending, and the \(words.endName)"
            + " acknowledges the data."
    }
}

extension ConnectionExaminer {
    /// LEGITIMATE HALF-CLOSE (benign): one end's FIN is acknowledged and the other goes on sending,
    /// which the first acknowledges.
    var meantHalfClose: Finding? {
        guard let sender = role(where: { self[$0].seen.contains(.sendsAfterPeerFIN) }) else {
            return nil
        }
        let closer = self[sender.peer]
        return Finding(
            .legitimateHalfClose, self[sender].hasSentFIN ? .past : .usual, end: sender.peer,
            fault: .nobody, .benign, .proved, since: closer.controlSeen,
            length: self[sender].lastSent - closer.controlSeen, frame: closer.sinceFrame,
            laterFrame: self[sender].sinceFrame)
    }
}
