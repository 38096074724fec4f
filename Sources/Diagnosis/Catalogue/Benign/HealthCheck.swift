internal import TCPState
internal import Wire

/// The words of `health-check`.
enum HealthCheck: CatalogueEntry {
    static let name = "health-check"

    static func title(_ words: Words) -> String {
        "health checks"
    }

    static func sentence(_ words: Words) -> String {
        return "Opened and closed without a byte, every \(Age(nanoseconds: words.measure))."
    }
}
