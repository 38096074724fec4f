internal import TCPState
internal import Wire

/// The words of `refused`.
enum Refused: CatalogueEntry {
    static let name = "refused"
    static let thresholds: [Thresholds.Name] = [.refusedCount]
    static let summary = "SYNs are answered with RST"
    static let definition =
        "A SYN is answered with RST. The host is up and nothing listens on the port, one of several"
        + " backends has no listener, or a filter on the path answers in the server's name."

    static func title(_ words: Words) -> String {
        switch words.form {
        case .some: "some connections are refused while others succeed"
        case .byOption where words.key.fault == .server: "SYNs that request ECN are refused"
        case .device, .byOption: "a device on the path refuses connections in the server's name"
        case .inVain: "a refusal that the client ignores"
        default: "nothing listens on the port"
        }
    }

    static func sentence(_ words: Words) -> String {
        let others = "\(Count(words.measure)) other connections to the same port succeeded"
        switch words.form {
        case .some:
            return
                "\(words.they("A SYN is", "\(Count(words.count)) SYNs are")) answered with RST, while"
                + " \(others). One of several backends behind the address has no listener, or the service"
                + " was down for a while."
        case .byOption where words.key.fault == .server:
            return
                "\(words.they("The SYN is", "\(Count(words.count)) SYNs are")) answered with RST, and every one"
                + " requests ECN; none without it was captured. Either nothing listens there, or a device on the"
                + " path rejects ECN."
        case .byOption:
            return "Every SYN that requests ECN is answered with RST, while \(others) without it. A"
                + " device on the path rejects ECN.\(words.refusalTimesToLive)"
        case .device:
            return
                "The SYN is answered with RST, but the server did not send it: a filter on the path"
                + " rejects the connection.\(words.refusalTimesToLive)"
        case .inVain:
            return
                "The RST that answers the SYN does not acknowledge the SYN's sequence number: the client drops"
                + " it (RFC 9293, section 3.10.7.3) and keeps retrying. A device on the path rewrites sequence"
                + " numbers but not those of the RST, or forges the RST."
        default:
            return "The SYN is answered with RST: the host is up and nothing listens there."
        }
    }

    static let rivals: [Rival] = [
        .forgedReset,
        Rival(
            .returnPath, where: { $0.form == .device },
            ofCapture: { evidence in
                guard let reset = evidence.example?.reset, reset.timeToLive.isUnrouted,
                    let host = evidence.hostTimeToLive, host != reset.timeToLive
                else { return nil }
                return .otherTimeToLive(reset.timeToLive, host: host)
            },
            doubt: { words in
                "the server sent the RST and it took another route: on the server, run \(words.capture)"
            }),
        Rival(
            .deadBackend, where: { $0.form == .usual },
            ofCapture: { evidence in
                evidence.statistics.map { $0.completed == 0 } ?? true ? .noSuccess : nil
            },
            doubt: { words in
                "one of several backends: list what is behind \(words.server) (`ipvsadm -Ln`, `kubectl get"
                    + " endpoints`)"
            }),
    ]

    static func remedy(_ words: Words) -> [String] {
        switch words.form {
        case .some:
            [
                "list the backends behind \(words.server): `ipvsadm -Ln`, `kubectl get endpoints`, or the"
                    + " load balancer's status; one of them refuses",
                "on each backend, `ss -lntp \(words.ss(.server))` shows whether it listens",
            ]
        case .byOption where words.key.fault == .server:
            [
                "on the server, run `ss -lntp \(words.ss(.server))`: does the service listen?",
                "if it does, try `sysctl -w net.ipv4.tcp_ecn=0` on the client",
            ]
        case .byOption, .device, .inVain:
            [
                "find the firewall, IPS or load balancer between \(words.other) and \(words.server): run"
                    + " \(words.capture) on both sides of it",
                "if only SYNs with ECN are refused, check `sysctl net.ipv4.tcp_ecn` on the client",
            ]
        default:
            [
                "on the server, run `ss -lntp \(words.ss(.server))`: start the service, or bind it to the"
                    + " right address"
            ]
        }
    }
}

extension ConnectionExaminer {
    /// REFUSED: the SYN is answered by RST. The host is up and nothing listens there, or a filter
    /// answers in its place.
    var refused: Finding? {
        guard client.hasSentSYN, !server.hasSentSYN, server.payload == 0, server.rstCount > 0,
            client.hasSentSYNsOnly
        else { return nil }
        // RFC 9293, section 3.10.7.3: a RST that acknowledges something else is no answer for the client.
        let isInVain = rareFacts?.reset == nil && rareFacts?.ignored.count ?? 0 > 0
        return Finding(
            .refused, isInVain ? .inVain : client.asksForECN ? .byOption : .usual, end: .server,
            fault: isInVain ? .middlebox : .server, isInVain ? .warning : .notice,
            isInVain ? .inferred : .proved, since: server.lastSent,
            count: Int(client.synCount), frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }
}

extension Endpoint {
    /// Whether its SYN asks for ECN. RFC 3168, section 6.1.1.
    var asksForECN: Bool { first.flags.isSuperset(of: [.syn, .ece, .cwr]) }
}
