internal import TCPState
internal import Wire

/// The words of `rst-ignored`.
enum ResetIgnored: CatalogueEntry {
    static let name = "rst-ignored"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .missingFile]
    static let summary = "RST outside the expected sequence number, ignored"
    static let definition =
        "A RST falls inside the receive window but does not have the next expected sequence number. The"
        + " receiver answers with a challenge ACK at most (RFC 5961, section 3) and the connection goes"
        + " on, although tools that look only at flags call it closed."

    static func title(_ words: Words) -> String {
        "RST outside the expected sequence number, ignored"
    }

    static func sentence(_ words: Words) -> String {
        let number = words.examples.map(\.finding.count).max() ?? 1
        let many =
            number > 1
            ? " There are \(Count(number)) on one connection: the sender guesses sequence numbers, or"
                + " repeats an old RST." : ""
        return
            "A RST in the \(words.endName)'s name is inside the receive window but does not have the expected"
            + " sequence number. The receiver answers with a challenge ACK at most, and the connection"
            + " goes on.\(many)"
    }

    static let rivals: [Rival] = [.notCaptured]

    static func remedy(_ words: Words) -> [String] {
        [
            "find the sender: \(words.capture) close to the \(words.endName) shows whether the RST comes from"
                + " there"
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
