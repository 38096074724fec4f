internal import TCPState
internal import Wire

/// PORT SCAN: one address tries many ports of a host, or one port of many hosts: by SYNs that are refused or
/// not answered, or by segments that belong to no connection (ACK, FIN, no flag at all, FIN with PSH and URG),
/// which only say whether a host or a filter is there.
enum PortScan: CatalogueEntry {
    static let name = "port-scan"

    static func title(_ words: Words) -> String {
        words.form == .horizontal
            ? "one address tries a port of many hosts" : "one address tries many ports"
    }

    static func sentence(_ words: Words) -> String {
        let scanner = words.examples.first?.address(.client).description ?? "A client"
        let stealth =
            words.forms[.stealth] == 0
            ? ""
            : " \(words.forms[.stealth]) of these segments belong to no connection: probes by ACK, FIN or"
                + " odd flags."
        return words.form == .horizontal || words.isHorizontal
            ? "\(scanner) tried port \(words.port) of \(words.measure) hosts, which refuse or say"
                + " nothing.\(stealth)"
            : "\(scanner) tried \(words.measure) ports, which are closed or say nothing.\(stealth)"
    }

    static func refutation(_ words: Words) -> String { "it is an inventory of your own" }

    static func remedy(_ words: Words) -> [String] {
        ["`nft add rule inet filter input ip saddr \(words.other) drop`, if unwanted"]
    }
}

extension ConnectionExaminer {
    /// One try of a scan without a SYN: few segments without payload that belong to no connection, with
    /// flags that no stack sends first, or answered by a host that has no such connection.
    var strayProbe: Finding? {
        guard connection.anomalies.contains(.midStream), client.payload == 0, server.payload == 0,
            client.hasSent, hasSentRSTsOnly(.server), client.packets <= 4, client.keepalives == 0,
            server.rstCount > 0 || !client.first.flags.contains(.ack)
        else { return nil }
        return Finding(
            .portScan, .stealth, end: .client, fault: .client, .notice, .proved,
            since: connection.firstSeen, frame: connection.firstFrame,
            laterFrame: connection.lastFrame)
    }
}
