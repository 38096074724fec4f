internal import TCPState
internal import Wire

/// NAT BYPASSED: a segment of a connection went past the translation that the others pass: the answer comes
/// from the backend's own address, or the client's FIN leaves with its own after the translator has forgotten
/// the connection. Its receiver knows no such connection and resets it. The same numbers under another pair
/// of addresses show it; at one side alone, a host that resets each SYN,ACK and repeats the same SYN.
enum NATBypassed: CatalogueEntry {
    static let name = "nat-bypassed"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled]

    static func title(_ words: Words) -> String {
        "a segment went past the NAT without being translated"
    }

    static func sentence(_ words: Words) -> String {
        if let other = words.link {
            return words.form == .past
                ? "The \(words.owner)'s segments of the same connection, with the same numbers, appear from"
                    + " another address, \(other): a NAT has forgotten the connection (conntrack) and does"
                    + " not translate them any more, so their receiver resets them."
                : "The answer comes from another address, \(other): it acknowledges exactly this SYN, so"
                    + " a NAT on the way did not translate it back. The client knows no such connection and"
                    + " resets it."
        }
        return
            "The client's host answers each SYN,ACK by RST and goes on repeating the same SYN: it wants the"
            + " connection and the answer does not fit. A NAT did not translate the answer back, or"
            + " translated it to another address."
    }

    static func refutation(_ words: Words) -> String {
        words.link == nil
            ? "a capture at the client shows the answer with the address that it called" : ""
    }

    static func remedy(_ words: Words) -> [String] {
        [
            "on the translator: `conntrack -L -p tcp --dport \(words.port)`, and its timeouts for half-closed"
                + " connections",
            "answers must take the way back through the translator: masquerade, or a route; drop what"
                + " conntrack calls INVALID, so that nothing untranslated leaves",
        ]
    }
}
