internal import TCPState
internal import Wire

/// EPHEMERAL PORT EXHAUSTION: a client's host that closes first holds so many TIME_WAITs to one service that its port
/// range is nearly used up: soon connect() fails. Linux has 28,232 ports (32768 to 60999) for each service.
enum PortExhaustion: CatalogueEntry {
    static let name = "ephemeral-port-exhaustion"
    static let thresholds: [Thresholds.Name] = [.portRange, .timeWait]
    static let summary = "a client's ports for one service are nearly used up"
    static let definition =
        "A client that closes first keeps each port in TIME_WAIT for a minute. At 70 % of its port range it is"
        + " a warning, at 90 % critical: connect() then fails with EADDRNOTAVAIL."

    static func title(_ words: Words) -> String {
        "the client's ports for this service are nearly used up"
    }

    static func sentence(_ words: Words) -> String {
        "\(words.other) holds \(Count(words.count)) ports in TIME_WAIT for this service,"
            + " \(words.measure) % of its range: new connections soon fail with EADDRNOTAVAIL."
    }

    static let rivals: [Rival] = [
        Rival(.wanted) { _ in
            "the client has a wider range or several addresses: `sysctl net.ipv4.ip_local_port_range`"
        }
    ]

    static func remedy(_ words: Words) -> [String] {
        [
            "reuse connections (connection pool, HTTP keep-alive), or let the server close first",
            "`sysctl -w net.ipv4.ip_local_port_range='1024 65535'` on \(words.other), more source addresses,"
                + " or net.ipv4.tcp_tw_reuse=1 with timestamps on both sides",
        ]
    }
}
