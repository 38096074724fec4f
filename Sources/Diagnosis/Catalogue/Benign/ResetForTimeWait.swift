internal import TCPState
internal import Wire

/// RST INSTEAD OF TIME_WAIT (benign): both sides have closed, and the one that closed first ends its half by RST: no
/// TIME_WAIT stays behind (SO_LINGER 0 after shutdown(), or a load balancer that saves ports).
enum ResetForTimeWait: CatalogueEntry {
    static let name = "rst-instead-of-time-wait"
    static let summary = "a RST after both FINs, to avoid TIME_WAIT"
    static let definition =
        "Both sides have sent their FIN, and the side that closed first sends a RST instead of waiting in TIME_WAIT."
        + " No data is lost. Late segments may meet a new connection on the same ports."

    static func title(_ words: Words) -> String { "TIME_WAIT avoided by RST" }

    static func sentence(_ words: Words) -> String {
        "Both sides had closed when the \(words.endName), which closed first, sent a RST."
    }

    static let rivals: [Rival] = [
        Rival(
            .ownAbort,
            ofConnection: { examiner, finding in
                .acknowledged(frame: examiner[finding.end.peer].sinceFrame)
            }, doubt: { _ in "the RST aborted the connection while data was unread" })
    ]
}

extension ConnectionExaminer {
    /// A RST of the end that closed first, after both FINs.
    var resetForTimeWait: Finding? {
        guard let reset = rareFacts?.reset, connection.firstCloser == reset.sender,
            self[connection.role(reset.sender)].hasSentFIN,
            self[connection.role(reset.sender).peer].hasSentFIN, !reset.isAfterData
        else { return nil }
        return finding(
            .resetForTimeWait, reset, by: connection.role(reset.sender), fault: .nobody, .benign,
            .proved)
    }
}
