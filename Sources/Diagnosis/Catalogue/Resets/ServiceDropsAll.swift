internal import TCPState
internal import Wire

/// SERVICE DROPS ALL: the server completes every handshake and ends every connection at once, by RST or by
/// FIN, before it has sent a byte: it is overloaded or being stopped, an access list or a wrapper refuses
/// the clients, or what stands behind it is gone. A health check is ended by the one who opened it.
enum ServiceDropsAll: CatalogueEntry {
    static let name = "service-drops-all"
    static let doubts: Set<CaptureFlaw.Kind> = [.lostPackets, .holes, .sampled, .flagsOnly]
    static let summary = "the server ends every connection before it has sent a byte"
    static let definition =
        "The server completes every handshake and then closes or resets every connection itself, within"
        + " seconds and without a byte: it is overloaded, it is shutting down, an access list refuses the clients,"
        + " or its backend is down. A health check is ended by the side that opened it."

    static let rivals: [Rival] = [
        .forgedReset, .noSocket,
        Rival(
            .healthCheck,
            ofConnection: { examiner, _ in
                examiner.connection.firstCloser == examiner.connection.side(.server)
                    ? .serverCloses : nil
            },
            doubt: { _ in "health checks" }),
        Rival(
            .noAnswerDue,
            ofConnection: {
                $1.form != .closedWithout && $0.rareFacts?.reset != nil ? .aborted : nil
            },
            doubt: { _ in "a protocol in which the server has nothing to say" }),
    ]

    static func title(_ words: Words) -> String {
        "the server ends every connection before it has sent a byte"
    }

    static func sentence(_ words: Words) -> String {
        let resets = words.examples.filter { $0.reset != nil }.count
        let how =
            resets == 0 ? "by FIN" : resets == words.examples.count ? "by RST" : "by FIN or RST"
        return
            "The server accepted \(words.connections) and ended each of them itself, \(how), without"
            + " sending a byte: the service is up but does not serve."
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "on the server, read the application's log of that time: does an access list, a TCP wrapper or a connection limit refuse the clients, and can it reach what it depends on (a database, an upstream server)?",
            "`ss -lntp \(words.ss(.server))` there names the process; a proxy does this when no backend is"
                + " left",
        ]
    }
}

extension ConnectionExaminer {
    /// Whether the server ended the connection itself, soon and without a byte.
    private var isDropped: Bool {
        client.hasSentSYN && server.hasSentSYN && server.payload == 0
            && server.sendUnacknowledged > server.initialSendSequence
            && connection.firstCloser == connection.side(.server)
            && connection.lastSeen - server.first.time < 3_000_000_000
    }

    /// One connection of it, by RST. The service's other connections decide.
    func droppedByReset(_ reset: Finding) -> Finding {
        guard isDropped, reset.diagnosis == .abortiveClose, reset.end == .server,
            reset.form == .atOnce || reset.form == .unread
        else { return reset }
        return Finding(
            .serviceDropsAll, reset.form, end: .server, fault: .server, .notice, .proved,
            since: reset.since, length: reset.since - connection.firstSeen, frame: reset.frame)
    }

    /// One connection of it, by FIN.
    var droppedByFIN: Finding? {
        guard isDropped, server.hasSentFIN else { return nil }
        return Finding(
            .serviceDropsAll, client.payload == 0 ? .closedWithout : .unread, end: .server,
            fault: .server, .notice, .proved, since: server.controlSeen,
            length: server.controlSeen - connection.firstSeen, frame: server.sinceFrame)
    }
}

extension FindingAggregator {
    /// SERVICE DROPS ALL takes nearly all connections that a service accepted, three at least. Of fewer a RST is
    /// an abort, and a FIN nothing odd. Where all are ended at one moment, however old they are, it is the
    /// listener that was closed with connections in its queue.
    ///
    /// - Parameter copies: connections of each service that the capture has twice, and that no group counts.
    func applyDropRule(_ all: inout Groups, _ copies: [Service: UInt64]) {
        for key in all.keys.filter({ $0.diagnosis == .serviceDropsAll }) {
            guard var group = all[key], let service = key.service,
                let statistics = statistics(of: service)
            else { continue }
            let completed = statistics.completed - min(statistics.completed, copies[service] ?? 0)
            let ages = group.lengths.upperBound - group.lengths.lowerBound
            let isOneMoment = group.count > 1 && (group.newest - group.oldest) * 4 < ages
            let isAll = group.count >= 3 && group.count * 10 >= completed * 9
            if isAll, !isOneMoment {
                // Who says nothing may have wanted nothing but to know whether the port is open.
                group.worst = group.forms[.closedWithout] == group.count ? .notice : .warning
                all[key] = group
                continue
            }
            all[key] = nil
            guard group.examples.contains(where: { $0.reset != nil }) else { continue }
            group.key.diagnosis = .abortiveClose
            let isUnread = group.forms[.unread] > group.forms[.atOnce]
            let form: Finding.Form = isOneMoment ? .listenerClosed : isUnread ? .unread : .atOnce
            group.forms = SmallCounter(form, group.count)
            all[group.key, default: FindingGroup(group.key)].add(group, keep: exampleLimit)
        }
    }
}
