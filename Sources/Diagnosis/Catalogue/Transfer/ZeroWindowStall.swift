internal import TCPState
internal import Wire

/// The words of `zero-window-stall`.
enum ZeroWindowStall: CatalogueEntry {
    static let name = "zero-window-stall"
    static let doubts: Set<CaptureFlaw.Kind> = [.flagsOnly, .cutOptions]
    static let thresholds: [Thresholds.Name] = [.zeroWindow, .zeroWindowCritical]
    static let summary = "an application does not read, so its peer has to wait"
    static let definition =
        "An end advertised a window of zero and its peer had to wait. Its application does not read, or"
        + " does not read fast enough."

    static func title(_ words: Words) -> String { "the \(words.endName) application does not read" }

    static func sentence(_ words: Words) -> String {
        let past =
            words.forms[.past] == words.count
            ? "kept its receive window closed" : "keeps its receive window closed"
        return
            "The \(words.endName) \(past) for \(words.lengthText): its application does not read, and the"
            + " \(words.peer) has to wait."
    }

    static let rivals: [Rival] = [
        Rival(
            .chance,
            ofConnection: { examiner, _ in
                examiner.connection.anomalies.isDisjoint(with: [.lostAfterTap, .ackOfUnseenData])
                    ? .continuous : nil
            },
            doubt: { words in
                "the segment that opened the window was lost: on the \(words.endName), is Recv-Q empty in `ss -tmn"
                    + " \(words.ss(words.end))`?"
            })
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the \(words.endName), run `ss -tmn \(words.ss(words.end))`: a full Recv-Q means that the"
                + " application does not read; find out what it waits for",
            "otherwise the buffer is small: check net.ipv4.tcp_rmem and SO_RCVBUF",
        ]
    }
}

extension ConnectionExaminer {
    /// ZERO-WINDOW STALL: an end has said that it takes no more data, for a second or more, and its peer
    /// had to wait. Its program does not read, or not fast enough. The probes meanwhile are no
    /// retransmissions.
    var zeroWindowStall: Finding? {
        let never = Timestamp(nanoseconds: .min)
        guard client.zeroWindowSince != never || server.zeroWindowSince != never else {
            return nil
        }
        let stalls = rareFacts?.stalls
        var worst: Finding?
        for role in Role.allCases {
            let end = self[role]
            let past = stalls?[connection.side(role).rawValue] ?? RareFacts.Stalls()
            let isClosed = end.seen.contains(.zeroWindow) && !end.state.isGone
            // A program that closes reads nothing more either.
            let current = isClosed ? now - end.zeroWindowSince : 0
            let longest = max(past.longest, current)
            guard longest >= limits[.zeroWindow], end.zeroWindowSince != never,
                worst.map({ $0.length < longest }) ?? true
            else { continue }
            worst = Finding(
                .zeroWindowStall, isClosed ? .usual : .past, end: role, fault: Fault(role),
                longest >= limits[.zeroWindowCritical] ? .critical : .warning, .proved,
                since: end.zeroWindowSince, length: longest,
                count: Int(past.count) + (isClosed ? 1 : 0),
                frame: past.frame ?? connection.lastFrame,
                laterFrame: isClosed ? connection.lastFrame : nil)
        }
        return worst
    }
}
