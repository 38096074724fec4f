internal import TCPState
internal import Wire

/// The words of `refused`.
enum Refused: CatalogueEntry {
    static let name = "refused"

    static func title(_ words: Words) -> String {
        switch words.form {
        case .some: "some connections are refused, others are served"
        case .device, .byOption: "a device answers SYNs by RST in the server's place"
        case .inVain: "a refusal that the client does not take"
        default: "nothing listens on the port"
        }
    }

    static func sentence(_ words: Words) -> String {
        let others = "\(words.measure) others of the same port were served"
        switch words.form {
        case .some:
            return
                "\(words.they("A SYN is", "\(words.count) SYNs are")) answered by RST, while \(others):"
                + " one of several backends behind the address has no listener, or the service was down"
                + " for a while."
        case .byOption:
            return "Every SYN that asks for ECN is answered by RST, while \(others), without it: a"
                + " device on the way resets what it does not know.\(words.refusalTimesToLive)"
        case .device:
            return "The SYN is answered by RST, but not by the server's host: a filter on the way"
                + " rejects it.\(words.refusalTimesToLive)"
        case .inVain:
            return
                "The RST that answers the SYN acknowledges a number that the client never sent, so the"
                + " client drops it and goes on asking: a device on the way rewrites numbers and forgets"
                + " those of the RST."
        default: return "The SYN is answered by RST: the host is up and nothing listens there."
        }
    }

    static func refutation(_ words: Words) -> String {
        words.form == .usual
            ? "a filter sent it with the server's own time to live (REJECT with tcp-reset)" : ""
    }

    static func remedy(_ words: Words) -> [String] {
        switch words.form {
        case .some:
            [
                "which backends stand behind \(words.server)? `ipvsadm -Ln`, `kubectl get endpoints`, the"
                    + " balancer's status: one of them refuses",
                "on each: `ss -lntp \(words.ss(.server))`",
            ]
        case .byOption, .device, .inVain:
            [
                "find the firewall, IPS or balancer between \(words.other) and \(words.server):"
                    + " \(words.capture) before and behind it",
                "`sysctl net.ipv4.tcp_ecn` on the client, if only such SYNs suffer",
            ]
        default:
            ["on the server: `ss -lntp \(words.ss(.server))`: start it, or bind the right address"]
        }
    }
}

extension ConnectionExaminer {
    /// REFUSED: the SYN is answered by RST. The host is up and nothing listens there, or a filter
    /// answers in its place.
    var refused: Finding? {
        guard client.hasSentSYN, !server.hasSentSYN, server.payload == 0, server.rstCount > 0,
            client.packets == UInt64(client.synCount)
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
