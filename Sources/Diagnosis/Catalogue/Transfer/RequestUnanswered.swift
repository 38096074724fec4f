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

    static func title(_ words: Words) -> String {
        "the server takes requests and does not answer them"
    }

    static func sentence(_ words: Words) -> String {
        let never =
            words.forms[.unaccepted] == words.count
            ? " It never sent a byte on \(words.they("it", "them")): perhaps the program has not even"
                + " accepted \(words.they("the connection", "the connections"))." : ""
        return "The server's kernel acknowledges the request and its program answers nothing for"
            + " \(words.lengthText): then the client gives up.\(never)"
    }

    static func refutation(_ words: Words) -> String { "the protocol knows no answer" }

    static func remedy(_ words: Words) -> [String] {
        [
            "on the server: `ss -lnt \(words.ss(.server))`: Recv-Q is what waits for accept(); and"
                + " `ss -tnp \(words.ss(.server))`: a full Recv-Q without a process was never accepted",
            "what does the program wait for? its log, `gdb -p`, `strace -fp`; a database or an upstream?",
        ]
    }
}

extension ConnectionExaminer {
    /// A request that was acknowledged and not answered until the client gave up.
    var requestUnanswered: Finding? {
        guard let gap = rareFacts?.gap, gap.isWaiting, !gap.isData,
            connection.role(gap.breaker) == .client, gap.length >= limits[.answerTime],
            client.hasSentFIN || client.rstCount > 0, server.lastNew <= gap.start,
            server.hasSent, client.unacknowledgedBytes <= 1, client.unansweredRetransmissions == 0,
            !client.seen.contains(.zeroWindow), !server.seen.contains(.zeroWindow)
        else { return nil }
        let isLeak = server.state == .closeWait
        // Of a server that closes in turn, or is told by the RST, nothing more is owed.
        return Finding(
            .requestUnanswered, server.payload == 0 ? .unaccepted : .usual, end: .server,
            fault: .server, isLeak ? .warning : .notice, .inferred, since: gap.start,
            length: gap.length, frame: connection.firstFrame, laterFrame: gap.frame)
    }
}
