internal import TCPState
internal import Wire

/// NAT BYPASSED: a segment of a connection went past the translation that the others pass: the answer comes
/// from the backend's own address, or the client's FIN leaves with its own after the translator has forgotten
/// the connection. Its receiver knows no such connection and resets it. The same numbers under another pair
/// of addresses show it; at one side alone, a host that resets each SYN,ACK and repeats the same SYN.
enum NATBypassed: CatalogueEntry {
    static let name = "nat-bypassed"
    static let doubts: Set<CaptureFlaw.Kind> = [.sampled]
    static let summary = "a segment passed the NAT without being translated"
    static let definition =
        "A segment of a translated connection was not translated: the answer arrives from the backend's"
        + " own address, or the client's segment leaves with its own address after the NAT has removed the"
        + " connection. The receiver knows no such connection and resets it."

    static func title(_ words: Words) -> String {
        "a segment passed the NAT without being translated"
    }

    static func sentence(_ words: Words) -> String {
        if let other = words.link {
            return words.form == .past
                ? "The \(words.endName)'s segments of the same connection, with the same sequence numbers,"
                    + " appear from a different address, \(other). A NAT has removed the connection"
                    + " (conntrack) and no longer translates them, so the receiver resets them."
                : "The answer comes from a different address, \(other), and acknowledges exactly this SYN: a"
                    + " NAT on the path did not translate it back. The client knows no such connection and"
                    + " resets it."
        }
        return
            "The client's host answers each SYN-ACK with RST and keeps resending the same SYN: it wants the"
            + " connection, but the answer does not match it. A NAT did not translate the answer back, or"
            + " translated it to a different address."
    }

    static let rivals: [Rival] = [
        Rival(
            .copy, ofCapture: { $0.group.link == nil ? nil : .sameNumbers },
            doubt: { words in
                "the answer comes from the address that the client called: on the client, run \(words.capture)"
            })
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "on the NAT, check `conntrack -L -p tcp --dport \(words.port)` and its timeouts for half-closed"
                + " connections",
            "route the answers back through the NAT (masquerade, or a route), and drop what conntrack marks"
                + " INVALID, so that nothing leaves untranslated",
        ]
    }
}
