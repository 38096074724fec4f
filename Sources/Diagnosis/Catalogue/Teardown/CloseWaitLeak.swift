internal import TCPState
internal import Wire

/// The words of `close-wait-leak`.
enum CloseWaitLeak: CatalogueEntry {
    static let name = "close-wait-leak"
    static let otherName: String? = "fin-wait-2-held"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled, .oneDirection]
    static let thresholds: [Thresholds.Name] = [
        .closeWait, .closeWaitCritical, .closeWaitCount, .closeWaitSettled, .halfOpen,
        .quietHalfClose,
    ]
    static let summary = "an application never closes sockets that its peer has closed"
    static let definition =
        "One end sent its FIN and the other end acknowledged it. Since then the other end has sent no"
        + " FIN, no RST and no data: its application was told that the peer closed, and does not call"
        + " close(). The end that owes the close() stays in CLOSE_WAIT, its peer in FIN_WAIT2."

    static func title(_ words: Words) -> String {
        "the \(words.endName) application never closes its sockets"
    }

    static func sentence(_ words: Words) -> String {
        let late =
            words.forms[.expired] == 0
            ? ""
            : " For some connections the \(words.peer)'s kernel has timed out FIN_WAIT2 by now (assumed)."
        return
            "The \(words.peer) sent its FIN and the \(words.endName)'s kernel acknowledged it. Since then"
            + " the \(words.endName) has sent nothing: its application has not called close(). The"
            + " \(words.endName) is in CLOSE_WAIT, the \(words.peer) in FIN_WAIT2.\(late)"
    }

    static let rivals: [Rival] = [
        Rival(
            .meantHalfClose,
            ofConnection: { examiner, finding in
                finding.isSettled
                    ? .watched(examiner.now - max(finding.since, examiner[finding.end].lastNew))
                    : nil
            },
            doubt: { _ in "the application is still working on its answer: capture for longer" }),
        Rival(
            .blocked,
            ofConnection: { examiner, finding in
                examiner[finding.end].unacknowledgedBytes == 0
                    && !examiner[finding.end.peer].seen.contains(.zeroWindow)
                    ? .nothingOutstanding : nil
            },
            doubt: { words in
                "data is still waiting in its send queue: on the \(words.endName), `ss -tn state close-wait"
                    + " \(words.ss(words.end))` shows Send-Q"
            }),
        Rival(
            .notCaptured,
            ofConnection: { examiner, finding in
                examiner[finding.end.peer].isFINAcknowledged && examiner[finding.end].hasSent
                    ? .acknowledged(frame: finding.laterFrame ?? finding.frame) : nil
            },
            doubt: { words in
                "the \(words.endName)'s FIN took a path that was not captured: on the \(words.endName), run"
                    + " \(words.capture)"
            }),
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the \(words.endName), `ss -tnp state close-wait \(words.ss(words.end))` names the process",
            "look for a missing close() on an error path, an unread response body, or a connection pool"
                + " that does not test its connections; no sysctl ends CLOSE_WAIT",
        ]
    }
}

extension ConnectionExaminer {
    /// CLOSE-WAIT LEAK, and FIN-WAIT-2 HELD from the other end: one end has sent its FIN, which the
    /// other has acknowledged; since then the other has sent no FIN, no RST and no data. Its program
    /// has been told of the end and does not close. It is a leak after a minute, when the kernel of
    /// the first end has given up its half where no program holds it.
    ///
    /// Not where the open end still has data to send or waits behind a closed window, and not where it
    /// goes on sending: that is a half-close that is meant.
    var halfClosed: Finding? {
        guard let waitState else { return meantHalfClose }
        switch waitState {
        case .workingHalfClose: return meantHalfClose
        case .halfClosed(let closer):
            let open = closer.peer
            // A FIN that does not fit what the capture shows is a FIN.
            guard !self[closer].seen.contains(.zeroWindow), self[open].finCount == 0 else {
                return nil
            }
            let entry = self[open].state == .closeWait ? self[open] : self[closer]
            let quiet = now - max(entry.since, self[open].lastNew)
            guard quiet >= limits[.halfOpen] else { return nil }
            return Finding(
                .closeWaitLeak, self[closer].state == .closed ? .expired : .usual, end: open,
                fault: Fault(open), quiet >= limits[.closeWaitCritical] ? .critical : .warning,
                entry.grade, isSettled: quiet >= limits[.closeWait], since: entry.since,
                length: now - entry.since, frame: entry.sinceFrame,
                laterFrame: self[closer].state == .finWait2 ? self[closer].sinceFrame : nil)
        case .halfOpen, .unansweredData, .zeroWindow, .unansweredKeepalives, .closing, .opening:
            return nil
        }
    }
}
