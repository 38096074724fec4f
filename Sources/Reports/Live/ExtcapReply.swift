/// What Wireshark asks a capture program for, in its words: a line for each thing. See extcap(4).
public enum ExtcapReply {
    /// What stands before an interface's name, which apart from that is another program's.
    private static let prefix = "wirestate:"

    /// The interfaces to capture on. `--extcap-interfaces`
    public static func interfaces(_ names: [String], version: String) -> String {
        lines(
            [
                (
                    "extcap",
                    [("version", version), ("display", "wirestate: states of TCP connections")]
                )
            ]
                + names.map { name in
                    let display = "wirestate: stuck connections on \(name)"
                    return ("interface", [("value", prefix + name), ("display", display)])
                })
    }

    /// The name that the kernel has for an interface.
    public static func interface(named name: String) -> String {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    }

    /// The link type of an interface. `--extcap-dlts`
    public static func linkType(_ number: UInt32, name: String, description: String) -> String {
        lines([
            (
                "dlt", [("number", String(number)), ("name", name), ("display", description)]
            )
        ])
    }

    /// The options to ask the user for. `--extcap-config`
    ///
    /// - Parameter thresholds: the names of thresholds, for the tooltip.
    public static func options(thresholds: String) -> String {
        lines([
            (
                "arg",
                [
                    ("number", "0"), ("call", "--threshold"), ("display", "Thresholds"),
                    ("type", "string"), ("default", "close-wait=60s"),
                    (
                        "tooltip",
                        "Ages from which a connection counts as stuck, separated by commas: \(thresholds)"
                    ),
                ]
            ),
            (
                "arg",
                [
                    ("number", "1"), ("call", "--states"), ("display", "State names"),
                    ("type", "selector"), ("tooltip", "How comments spell states"),
                ]
            ),
        ])
            + lines(
                ["netstat", "ss", "rfc", "otel", "bsd", "windows"].map { name in
                    (
                        "value",
                        [
                            ("arg", "1"), ("value", name), ("display", name),
                            ("default", name == "netstat" ? "true" : "false"),
                        ]
                    )
                })
    }

    private static func lines(_ sentences: [(String, [(String, String)])]) -> String {
        sentences.map { word, fields in
            word + " " + fields.map { "{\($0.0)=\(plain($0.1))}" }.joined() + "\n"
        }.joined()
    }

    /// Without what ends a field or a line.
    private static func plain(_ text: String) -> String {
        String(text.visible.map { $0 == "{" || $0 == "}" ? "?" : $0 })
    }
}
