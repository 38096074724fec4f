internal import TCPState
internal import Wire

/// PORT SCAN: one address tries many ports of a host, or one port of many hosts: by SYNs that are refused or
/// not answered, or by segments that belong to no connection (ACK, FIN, no flag at all, FIN with PSH and URG),
/// which only say whether a host or a filter is there.
enum PortScan: CatalogueEntry {
    static let name = "port-scan"
    static let thresholds: [Thresholds.Name] = [.scanPorts]
    static let summary = "one address tries many ports, or one port on many hosts"
    static let definition =
        "One address tries many ports of a host, or one port on many hosts, by SYNs that are refused or"
        + " not answered, or by segments that belong to no connection (ACK, FIN, NULL or Xmas probes)."

    static func title(_ words: Words) -> String {
        words.form == .horizontal
            ? "one address tries the same port on many hosts" : "one address tries many ports"
    }

    static func sentence(_ words: Words) -> String {
        let scanner = words.examples.first?.address(.client).description ?? "A client"
        let stealth =
            words.forms[.stealth] == 0
            ? ""
            : " \(Count(words.forms[.stealth])) of the probes belong to no connection (ACK, FIN or"
                + " unusual flags)."
        return words.form == .horizontal || words.isHorizontal
            ? "\(scanner) tried port \(words.port) on \(Count(words.measure)) hosts, which refused or did"
                + " not answer.\(stealth)"
            : "\(scanner) tried \(Count(words.measure)) ports, which were closed or did not"
                + " answer.\(stealth)"
    }

    static let rivals: [Rival] = [
        Rival(
            .realClients, ofCapture: { .manyTargets($0.group.measure) },
            doubt: { _ in "clients of a service that is gone" })
    ]

    static func remedy(_ words: Words) -> [String] {
        ["if it is unwanted: `nft add rule inet filter input ip saddr \(words.other) drop`"]
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
