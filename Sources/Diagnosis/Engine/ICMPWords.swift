internal import Wire

/// ICMP errors in words. RFC 792, RFC 1122, RFC 1812, RFC 4443.
enum ICMPWords {
    /// `host unreachable (type 3 code 1), from 192.0.2.1`.
    static func text(_ error: ICMPError) -> String {
        let mtu = error.nextHopMTU.map { ", next hop MTU \($0)" } ?? ""
        return
            "\(name(error)) (\(error.family == .ipv4 ? "ICMP" : "ICMPv6") type \(error.type) code"
            + " \(error.code)\(mtu)), from \(error.reporter)"
    }

    private static func name(_ error: ICMPError) -> String {
        switch (error.family, error.type, error.code) {
        case (.ipv4, 3, 0): "network unreachable"
        case (.ipv4, 3, 1): "host unreachable"
        case (.ipv4, 3, 3), (.ipv6, 1, 4): "port unreachable"
        case (.ipv4, 3, 4), (.ipv6, 2, _): "packet too big"
        case (.ipv4, 3, 9), (.ipv4, 3, 10), (.ipv4, 3, 13), (.ipv6, 1, 1):
            "administratively prohibited by a filter"
        case (.ipv4, 11, _), (.ipv6, 3, _): "time exceeded (routing loop)"
        case (.ipv6, 1, 0): "no route to host"
        case (.ipv6, 1, 3): "address unreachable"
        default: "unreachable"
        }
    }
}
