extension ConnectionFilter {
    /// The words of the language, and what each means.
    public static let guide: [(word: String, meaning: String)] = [
        ("state:close-wait", "either end is in the state, in any spelling"),
        ("port:443", "either end has the port"),
        (
            "host:10.1.1.2",
            "either end has the address; also a prefix, host:10.1.0.0/16, or its beginning, host:10.1."
        ),
        ("kind:close-wait-leak", "a kind of finding; see 'wirestate help kinds'"),
        ("fault:server", "who has to act: client, server, path, middlebox, capture, none"),
        ("process:nginx", "a part of the name of the local program (live only)"),
        ("stuck", "one end waits for the other, and someone has to act"),
        ("age>60s, age<5m", "time in the state, or since the trouble began: ms, s, m, h, d"),
        ("bytes>10k, bytes<1M", "payload of both ends: k, M, G"),
        ("retrans>3, retrans<3", "retransmitted segments of both ends"),
        (
            "CLOSE_WAIT, refused, 10.1.1.2, 10.1.1.2:443, :443",
            "a state, a kind, an address or a port alone means itself"
        ),
    ]
}
