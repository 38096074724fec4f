internal import TCPState
internal import Wire

/// PROXY MISHANDLES HALF-CLOSE: the client has sent its request and its FIN, as it may (RFC 9293, section 3.6),
/// and the server closes as well within milliseconds, without a byte of answer. A proxy, balancer or firewall
/// takes the end of one direction for the end of both.
enum ProxyHalfClose: CatalogueEntry {
    static let name = "proxy-mishandles-half-close"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .sampled, .flagsOnly]
    static let summary = "a half-close after the request ends the connection without an answer"
    static let definition =
        "The client sent its request and its FIN, which is allowed (RFC 9293, section 3.6), and the server"
        + " closed within milliseconds without a byte of answer. A proxy, load balancer or firewall takes"
        + " the end of one direction for the end of both."

    static func title(_ words: Words) -> String {
        "a half-close after the request ends the connection without an answer"
    }

    static func sentence(_ words: Words) -> String {
        "The client sends its request and then its FIN, and the server closes too, \(words.lengthText)"
            + " later, without a byte of answer. If an answer was due, a proxy in front of the server tears"
            + " down the half-closed connection."
    }

    static let rivals: [Rival] = [
        Rival(.noAnswerDue) { _ in
            "a protocol without answers"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "haproxy: `no option abortonclose`; other proxies and firewalls in front of port"
                + " \(words.port): look for half-closed timers and \"close on FIN\"",
            "or make the client wait for the answer before it closes (`nc -N`, shutdown(SHUT_WR))",
        ]
    }
}

extension ConnectionExaminer {
    /// A request with a FIN after it, met by a FIN without an answer.
    var proxyHalfClose: Finding? {
        guard client.hasSentFIN, server.hasSentFIN, client.payload > 0, server.payload == 0,
            connection.firstCloser.map(connection.role) == .client, server.hasSent,
            client.hasSentSYN, server.sendUnacknowledged > server.initialSendSequence
        else { return nil }
        let delay = server.controlSeen - client.controlSeen
        guard delay >= 0, delay <= 50_000_000 + 2 * (server.roundTrip ?? 0) else { return nil }
        return Finding(
            .proxyHalfClose, .closedWithout, end: .server, fault: .server, .notice, .assumed,
            since: client.controlSeen, length: delay, frame: client.sinceFrame,
            laterFrame: server.sinceFrame)
    }
}

extension FindingAggregator {
    /// Where an answer is due: the service has given one on another connection, or never does on three. A single
    /// transfer in one direction (a log, an upload) is none.
    func applyHalfCloseRule(_ all: inout Groups) {
        for key in all.keys.filter({ $0.diagnosis == .proxyHalfClose }) {
            guard let group = all[key], let statistics = statistics(of: key.service) else {
                continue
            }
            if Int64(group.count) < limits[.queueCount], statistics.lastAnswered == .distantPast {
                all[key] = nil
            }
        }
    }
}
