internal import TCPState
internal import Wire

/// The words of `rst-ignored`.
enum ResetIgnored: CatalogueEntry {
    static let name = "rst-ignored"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .missingFile]

    static func title(_ words: Words) -> String {
        "a RST with a wrong number, which was ignored"
    }

    static func sentence(_ words: Words) -> String {
        let number = words.examples.map(\.finding.count).max() ?? 1
        let many = number > 1 ? " There are \(number) of them: somebody guesses, or repeats." : ""
        return "A RST in the \(words.owner)'s name has a number inside the window, but not the next"
            + " one. The receiver answers with a challenge ACK at most, and the connection goes"
            + " on.\(many)"
    }

    static func refutation(_ words: Words) -> String {
        "the capture misses what would make the number right"
    }

    static func remedy(_ words: Words) -> [String] {
        return [
            "find who has old numbers: \(words.capture) nearer to the \(words.end.name) shows whether it is"
                + " the sender"
        ]
    }
}

extension ConnectionExaminer {
    /// RST IGNORED: a RST inside the window, but not with the next number: the receiver answers with a
    /// challenge ACK (RFC 5961, section 3) and the connection goes on. Tools that look at flags only
    /// call it closed. Somebody has old numbers, or guesses.
    var resetIgnored: Finding? {
        guard let ignored = rareFacts?.ignored, ignored.count > 0, ignored.hasGoneOn else {
            return nil
        }
        if let reset = rareFacts?.reset, reset.time - ignored.time < 1_000_000_000 { return nil }
        return Finding(
            .resetIgnored, end: connection.role(ignored.sender), fault: .middlebox, .warning,
            ignored.challengeFrame == nil ? .inferred : .proved, since: ignored.time,
            count: Int(ignored.count), frame: ignored.frame, laterFrame: ignored.challengeFrame)
    }
}
