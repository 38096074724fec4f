internal import TCPState
internal import Wire

/// The words of `legit-half-close`.
enum LegitimateHalfClose: CatalogueEntry {
    static let name = "legit-half-close"

    static func title(_ words: Words) -> String {
        "half-closed on purpose"
    }

    static func sentence(_ words: Words) -> String {
        return
            "The \(words.owner) has sent its FIN and the \(words.peer) goes on sending, which the \(words.owner)"
            + " acknowledges."
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
