internal import TCPState
internal import Wire

/// The words of `health-check`.
enum HealthCheck: CatalogueEntry {
    static let name = "health-check"
    static let thresholds: [Thresholds.Name] = [.healthChecks]
    static let summary = "health checks"
    static let definition =
        "One address opens and closes connections to a service at a steady pace without a byte of data."

    static let rivals: [Rival] = [
        Rival(.noAnswerDue, ofCapture: { _ in .clientCloses }, doubt: { _ in "an outage" })
    ]

    static func title(_ words: Words) -> String { "health checks" }

    static func sentence(_ words: Words) -> String {
        "Opened and closed without a byte of data, every \(Age(TimeSpan(nanoseconds: words.measure)))."
    }
}
