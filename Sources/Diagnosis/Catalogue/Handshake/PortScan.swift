internal import TCPState
internal import Wire

/// The words of `port-scan`.
enum PortScan: CatalogueEntry {
    static let name = "port-scan"

    static func title(_ words: Words) -> String {
        "one address tries many ports"
    }

    static func sentence(_ words: Words) -> String {
        return
            "\(words.examples.first?.address(.client).description ?? "A client") tried \(words.measure)"
            + " ports, which are closed or say nothing."
    }

    static func refutation(_ words: Words) -> String {
        "it is an inventory of your own"
    }

    static func remedy(_ words: Words) -> [String] {
        return ["`nft add rule inet filter input ip saddr \(words.other) drop`, if unwanted"]
    }
}
