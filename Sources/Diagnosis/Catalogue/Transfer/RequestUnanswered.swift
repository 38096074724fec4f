internal import TCPState
internal import Wire

/// REQUEST UNANSWERED: the client has sent its request, the server's kernel has acknowledged it, and the
/// server's program has answered nothing until the client gave up, five seconds later or more. The program
/// hangs, or has never accepted the connection: the kernel completes handshakes and takes data for it.
enum RequestUnanswered: CatalogueEntry {
    static let name = "request-unanswered"
    static let doubts: Set<CaptureFlaw.Kind> = [
        .lostPackets, .holes, .sampled, .oneDirection, .flagsOnly,
    ]
    static let thresholds: [Thresholds.Name] = [.answerTime]
    static let summary = "the server acknowledges requests and does not answer them"
    static let definition =
        "The client sent its request, the server's kernel acknowledged it, and the server's application"
        + " sent no answer until the client gave up. The application hangs, or never accepted the"
        + " connection: the kernel completes handshakes and receives data on its behalf."

    static func title(_ words: Words) -> String {
        "the server acknowledges requests and does not answer them"
    }

    static func sentence(_ words: Words) -> String {
        let never =
            words.forms[.unaccepted] == words.count
            ? " The server never sent a byte of data on \(words.they("it", "them")): the application may"
                + " not even have accepted \(words.they("the connection", "the connections"))." : ""
        let end =
            words.forms[.silence] == words.count
            ? "and the client still waits when the capture ends" : "then the client gives up"
        return
            "The server's kernel acknowledges the request, but its application sends no answer for"
            + " \(words.lengthText); \(end).\(never)"
    }

    static let rivals: [Rival] = [
        Rival(.noAnswerDue) { _ in
            "a protocol without answers, or clients that wait on purpose (long polling)"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the server, run `ss -lnt \(words.ss(.server))`: Recv-Q counts connections that wait for"
                + " accept(); in `ss -tnp \(words.ss(.server))`, a full Recv-Q without a process was never"
                + " accepted",
            "find out what the application waits for: its log, `gdb -p`, `strace -fp`; a database or an"
                + " upstream server?",
        ]
    }
}

extension ConnectionExaminer {
    /// The same while the client still waits when the capture ends.
    var answerOverdue: Finding? {
        guard client.state == .established, server.state == .established, client.payload > 0,
            server.hasSent, client.lastNew > server.lastNew, client.unacknowledgedBytes == 0,
            server.lastSent >= client.lastNew, now - client.lastNew >= limits[.answerTime],
            !client.seen.contains(.zeroWindow), !server.seen.contains(.zeroWindow),
            client.unansweredRetransmissions == 0, !goesOnUnanswered
        else { return nil }
        return Finding(
            .requestUnanswered, .silence, end: .server, fault: .server, .notice,
            .assumed, since: client.lastNew,
            length: now - client.lastNew, frame: connection.lastFrame)
    }

    /// Whether the client has sent more after a silence in which nothing answered: it does not wait for answers.
    private var goesOnUnanswered: Bool {
        guard let gap = connection.gaps.latest else { return false }
        return gap.isWaiting && gap.isData && connection.role(gap.breaker) == .client
    }

    /// A request that was acknowledged and not answered until the client gave up.
    var requestUnanswered: Finding? {
        let givenUp = client.seen.contains(.receivesAfterFIN) ? nil : rareFacts?.givenUp
        guard let gap = givenUp ?? connection.gaps.latest, gap.isWaiting, !gap.isData,
            connection.role(gap.breaker) == .client, gap.duration >= limits[.answerTime],
            client.hasSentFIN || client.rstCount > 0,
            server.lastNew <= gap.start || (givenUp != nil && client.rstCount > 0),
            server.hasSent, client.unacknowledgedBytes <= 1, client.unansweredRetransmissions == 0,
            !client.seen.contains(.zeroWindow), !server.seen.contains(.zeroWindow)
        else { return nil }
        let isLeak = server.state == .closeWait
        // Of a server that closes in turn, or is told by the RST, nothing more is owed.
        return Finding(
            .requestUnanswered, server.payload == 0 ? .unaccepted : .usual, end: .server,
            fault: .server, isLeak ? .warning : .notice, .inferred, since: gap.start,
            length: gap.duration, frame: connection.firstFrame, laterFrame: gap.frame)
    }
}
